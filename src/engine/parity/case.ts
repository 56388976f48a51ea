/**
 * What parity cases of all kinds share: the bars, the files of a case, and how numbers of the training loop are held
 * against PyTorch's. Node only.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { must } from '../../base/assert';
import type { StepRecord } from '../../domain/run';
import type { LabelConfig } from '../../domain/training-config';
import { toFloat32 } from '../../formats/dtype';
import { readSafetensors } from '../../formats/safetensors';
import type { NamedTensor } from '../../formats/tensor';
import type { Extra } from '../objectives/objective';
import type { TrainedWeights } from '../trained-weights';
import { runEagerly } from '../training/eager';
import type { Learner } from '../training/learner';
import { train } from '../training/loop';
import type { PreparedStep } from '../training/prepared-step';

/** Bars of the house plan. */
export const TOLERANCE = { absolute: 1e-5, relative: 1e-4, loss: 1e-4, lateLoss: 1e-3, lateStep: 25, parameter: 1e-3 };

/**
 * Softmax ignores a shift of all scores of a query, so the exact gradient of a key bias is zero: what PyTorch records
 * for it is its own rounding noise, which Adam scales up to steps of the learning rate's size. Its trained value means
 * nothing and changes no output; the logits after training are compared instead.
 */
const NOISE = /\.(key|k_lin)\.bias$/;
/** GPT-2 keeps the biases of queries, keys and values in one tensor: of this one the middle third is noise. */
const NOISE_THIRD = /\.attn\.c_attn\.bias$/;

export interface Recipe {
  lr: number;
  weight_decay: number;
  warmup_steps: number;
  total_steps: number;
  max_grad_norm: number;
  class_weights?: number[];
  label_smoothing?: number;
  gradient_accumulation?: number;
  /** Of DPO. */
  beta?: number;
}

export interface Expected {
  task: string;
  recipe: Recipe;
  loss: number[];
  grad_norm_before_clipping: number[];
  /** Of DPO: TRL's figures of each step. */
  rewards?: Record<string, number[]>;
}

/** Largest errors of one case: for logits and gradients as a share of what is allowed, for the others as they are. */
export interface CaseResult {
  name: string;
  /** Largest |difference| and its share of 1e-5 + 1e-4·|expected|. */
  logits: Difference;
  gradients: Difference;
  /** Largest relative difference of the 50 losses up to and after step 25. */
  losses: { early: number; late: number };
  parameters: number;
  finalLogits: Difference;
  /** Logits of the adapter that PEFT trained, for LoRA cases. */
  adapterLogits: Difference | null;
  passed: boolean;
}

export interface Difference {
  absolute: number;
  share: number;
}

export const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
export const tensorsOf = (path: string): Map<string, NamedTensor> =>
  readSafetensors(new Uint8Array(readFileSync(path)), basename(path)).tensors;

function compare(actual: Float32Array, expected: Float32Array): Difference {
  let [absolute, share] = [actual.length === expected.length ? 0 : Infinity, 0];
  expected.forEach((value, i) => {
    const difference = Math.abs((actual[i] ?? NaN) - value);
    absolute = Math.max(absolute, Number.isNaN(difference) ? Infinity : difference);
    share = Math.max(share, difference / (TOLERANCE.absolute + TOLERANCE.relative * Math.abs(value)));
  });
  return { absolute, share: absolute === Infinity ? Infinity : share };
}

const worst = (a: Difference, b: Difference): Difference => ({
  absolute: Math.max(a.absolute, b.absolute),
  share: Math.max(a.share, b.share),
});

/** Our settings for the case: the recipe's, and LoRA as its adapter says. An item is one of the case's batches. */
export function trainingFor(folder: string, { recipe }: Expected): LabelConfig {
  const path = join(folder, 'adapter_initial', 'adapter_config.json');
  const adapter = existsSync(path)
    ? (json(path) as { r: number; lora_alpha: number; target_modules: string[]; modules_to_save: string[] })
    : null;
  return {
    method: adapter ? 'lora' : 'full',
    learningRate: recipe.lr,
    epochs: 1,
    batchSize: 1,
    gradientAccumulation: recipe.gradient_accumulation ?? 1,
    maxLength: 64,
    schedule: 'linear',
    warmupRatio: recipe.warmup_steps / recipe.total_steps,
    weightDecay: recipe.weight_decay,
    maxGradNorm: recipe.max_grad_norm,
    dropout: 0,
    labelSmoothing: recipe.label_smoothing ?? 0,
    classWeights: 'none',
    logTargets: false,
    earlyStoppingPatience: 0,
    keepBest: false,
    validateEverySteps: 0,
    seed: 1,
    lora: {
      rank: adapter?.r ?? 1,
      alpha: adapter?.lora_alpha ?? 1,
      dropout: 0,
      targetModules: adapter?.target_modules ?? [],
      modulesToSave: adapter?.modules_to_save ?? [],
    },
  };
}

/** A model of a case, of either kind. */
export interface CaseModel {
  weights: TrainedWeights;
  /** One step over batches of the case. */
  prepare(batches: readonly number[]): PreparedStep;
  extras: readonly Extra[];
  /** Of the first batch, in evaluation mode. */
  logits(): Promise<Float32Array>;
  dispose(): void;
}

export interface ParityCase {
  folder: string;
  expected: Expected;
  training: LabelConfig;
  /** How many batches there are: steps take them in turn. */
  batches: number;
  build(adapter: ReadonlyMap<string, NamedTensor> | undefined): Promise<CaseModel>;
  /** Logits of the first batch that PyTorch recorded under a name. */
  logits(name: string): Float32Array;
  truth: ReadonlyMap<string, NamedTensor>;
}

/** The case as the training loop takes it: whichever items it names, steps take the batches in the case's order. */
function learnerOf(model: CaseModel, { expected, training, batches }: ParityCase): Learner {
  const items = expected.recipe.total_steps * training.gradientAccumulation;
  return {
    weights: model.weights,
    lengths: new Array<number>(items).fill(1),
    row: (item) => item + 1,
    prepare: (group, { step }) => model.prepare(group.map((_, n) => (step + n) % batches)),
    extras: model.extras,
    validates: false,
    validate: () => Promise.reject(new Error('a case has no rows to validate on')),
    better: () => false,
  };
}

/** The gradients of the first step; nothing is updated. */
async function gradientError(model: CaseModel, learner: Learner, { training, truth }: ParityCase): Promise<Difference> {
  const group = new Array<number[]>(training.gradientAccumulation).fill([0]);
  const { gradients } = await runEagerly(learner.prepare(group, { seed: 1, step: 0 }));
  let error: Difference = { absolute: 0, share: 0 };
  for (const [i, parameter] of model.weights.trainedParameters().entries()) {
    const values = await must(gradients[i], parameter.name).data<'float32'>();
    error = worst(error, compare(values, toFloat32(must(truth.get(`grad/${parameter.name}`), parameter.name))));
  }
  tf.dispose(gradients);
  return error;
}

/** Throws where TRL's figures of a step are others. */
function checkExtras({ step, extras = {} }: StepRecord, { rewards = {} }: Expected): void {
  const known = { chosen: 'chosen', rejected: 'rejected', margins: 'margin', accuracies: 'accuracy' };
  for (const [ours, theirs] of Object.entries(known)) {
    const wanted = rewards[theirs];
    if (!wanted) continue;
    const [value = NaN, expected = NaN] = [extras[`rewards/${ours}`], wanted[step - 1]];
    if (!(Math.abs(value - expected) < 1e-3))
      throw new Error(`step ${step}: rewards/${ours} is ${value}, not ${expected}`);
  }
}

/** Trains the case with the app's own loop and holds every number against PyTorch's; throws what the engine throws. */
export async function checkCase(parts: ParityCase): Promise<CaseResult> {
  const { folder, expected, training } = parts;
  const adapter = (stage: string): ReadonlyMap<string, NamedTensor> | undefined =>
    training.method === 'lora' ? tensorsOf(join(folder, `adapter_${stage}`, 'adapter_model.safetensors')) : undefined;
  const model = await parts.build(adapter('initial'));
  const learner = learnerOf(model, parts);
  const logits = compare(await model.logits(), parts.logits('logits_first_batch'));
  const gradients = await gradientError(model, learner, parts);
  const losses = { early: 0, late: 0 };
  let steps = 0;
  for await (const event of train(learner, training)) {
    if (event.type !== 'step') continue;
    countLoss(losses, event.record.step - 1, event.record.loss, expected);
    checkExtras(event.record, expected);
    steps++;
  }
  if (steps !== expected.loss.length) throw new Error(`${steps} steps, not ${expected.loss.length}`);
  const parameters = parameterError(folder, await model.weights.trained());
  const after = parts.logits('logits_first_batch_after_training');
  const finalLogits = compare(await model.logits(), after);
  model.dispose();

  let adapterLogits: Difference | null = null;
  if (training.method === 'lora') {
    const adapted = await parts.build(adapter('trained'));
    adapterLogits = compare(await adapted.logits(), after);
    adapted.dispose();
  }
  const errors = { logits, gradients, losses, parameters, finalLogits, adapterLogits };
  return { name: basename(folder), ...errors, passed: within(errors) };
}

/** Adds one loss to the largest relative errors so far. */
function countLoss(losses: CaseResult['losses'], step: number, loss: number, expected: Expected): void {
  const wanted = must(expected.loss[step], 'loss');
  const relative = Math.abs(loss - wanted) / Math.abs(wanted);
  if (step < TOLERANCE.lateStep) losses.early = Math.max(losses.early, relative);
  else losses.late = Math.max(losses.late, relative);
}

/** Largest difference of trained parameters, as PyTorch's file has them. */
function parameterError(folder: string, trained: readonly NamedTensor[]): number {
  const truth = tensorsOf(join(folder, 'trained_parameters.safetensors'));
  const meaningful = (name: string, values: Float32Array): Float32Array => {
    const third = values.length / 3;
    return NOISE_THIRD.test(name) ? values.filter((_, i) => i < third || i >= 2 * third) : values;
  };
  const errors = trained
    .filter(({ name }) => !NOISE.test(name))
    .map(
      (tensor) =>
        compare(
          meaningful(tensor.name, toFloat32(tensor)),
          meaningful(tensor.name, toFloat32(must(truth.get(tensor.name), tensor.name))),
        ).absolute,
    );
  return Math.max(0, ...errors);
}

/** Whether all errors are within the bars. */
function within({
  logits,
  gradients,
  losses,
  parameters,
  finalLogits,
  adapterLogits,
}: Omit<CaseResult, 'name' | 'passed'>): boolean {
  return (
    logits.share <= 1 &&
    gradients.share <= 1 &&
    losses.early <= TOLERANCE.loss &&
    losses.late <= TOLERANCE.lateLoss &&
    parameters <= TOLERANCE.parameter &&
    finalLogits.absolute <= TOLERANCE.parameter &&
    (adapterLogits?.share ?? 0) <= 1
  );
}
