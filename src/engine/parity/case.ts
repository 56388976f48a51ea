/**
 * What parity cases of all kinds share: the bars, the files of a case, and how numbers are held against PyTorch's. Node
 * only.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { must } from '../../base/assert';
import type { TrainingConfig } from '../../domain/training-config';
import { toFloat32 } from '../../formats/dtype';
import { readSafetensors } from '../../formats/safetensors';
import type { NamedTensor } from '../../formats/tensor';

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
}

export interface Expected {
  task: string;
  recipe: Recipe;
  loss: number[];
  grad_norm_before_clipping: number[];
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

export function compare(actual: Float32Array, expected: Float32Array): Difference {
  let [absolute, share] = [actual.length === expected.length ? 0 : Infinity, 0];
  expected.forEach((value, i) => {
    const difference = Math.abs((actual[i] ?? NaN) - value);
    absolute = Math.max(absolute, Number.isNaN(difference) ? Infinity : difference);
    share = Math.max(share, difference / (TOLERANCE.absolute + TOLERANCE.relative * Math.abs(value)));
  });
  return { absolute, share: absolute === Infinity ? Infinity : share };
}

export const worst = (a: Difference, b: Difference): Difference => ({
  absolute: Math.max(a.absolute, b.absolute),
  share: Math.max(a.share, b.share),
});

/** Our settings for the case: LoRA as its adapter says, everything else is driven by hand. */
export function trainingFor(folder: string): TrainingConfig {
  const path = join(folder, 'adapter_initial', 'adapter_config.json');
  const adapter = existsSync(path)
    ? (json(path) as { r: number; lora_alpha: number; target_modules: string[]; modules_to_save: string[] })
    : null;
  return {
    method: adapter ? 'lora' : 'full',
    learningRate: 0,
    epochs: 1,
    batchSize: 4,
    gradientAccumulation: 1,
    maxLength: 64,
    schedule: 'linear',
    warmupRatio: 0,
    weightDecay: 0,
    maxGradNorm: 0,
    dropout: 0,
    labelSmoothing: 0,
    classWeights: 'none',
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

/** Adds one loss to the largest relative errors so far. */
export function countLoss(losses: CaseResult['losses'], step: number, loss: number, expected: Expected): void {
  const wanted = must(expected.loss[step], 'loss');
  const relative = Math.abs(loss - wanted) / Math.abs(wanted);
  if (step < TOLERANCE.lateStep) losses.early = Math.max(losses.early, relative);
  else losses.late = Math.max(losses.late, relative);
}

/** Largest difference of trained parameters, as PyTorch's file has them. */
export function parameterError(folder: string, trained: readonly NamedTensor[]): number {
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
export function within({
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
