/** Runs parity cases: what PyTorch computed for a tiny checkpoint against what this engine computes. Node only. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { must } from '../base/assert';
import type { BackendName } from '../domain/device';
import type { TrainingConfig } from '../domain/training-config';
import { toFloat32 } from '../formats/dtype';
import { readSafetensors } from '../formats/safetensors';
import type { NamedTensor } from '../formats/tensor';
import { openBackend } from './backend/backends';
import { buildModel } from './build-model';
import type { Classifier, LabelledBatch } from './classifier';
import { labelNames } from './models/config';
import { AdamW } from './optimizer';
import { learningRateAt } from './schedule';
import type { EngineTask, LossOptions } from './tasks/task';

/** Bars of the house plan. */
export const TOLERANCE = { absolute: 1e-5, relative: 1e-4, loss: 1e-4, lateLoss: 1e-3, lateStep: 25, parameter: 1e-3 };

/**
 * Softmax ignores a shift of all scores of a query, so the exact gradient of a key bias is zero: what PyTorch records for it is its own
 * rounding noise, which Adam scales up to steps of the learning rate's size. Its trained value means nothing and changes no output; the
 * logits after training are compared instead.
 */
const NOISE = /\.(key|k_lin)\.bias$/;

const KINDS: Record<string, EngineTask> = { single: 'single-label', weighted: 'single-label', pair: 'single-label', multi: 'multi-label', regression: 'regression', token: 'token', seven: 'single-label' };

interface Recipe {
  lr: number;
  weight_decay: number;
  warmup_steps: number;
  total_steps: number;
  max_grad_norm: number;
  class_weights?: number[];
  label_smoothing?: number;
}

interface Expected {
  task: string;
  recipe: Recipe;
  loss: number[];
  grad_norm_before_clipping: number[];
}

interface RawBatch {
  input_ids: number[][];
  attention_mask: number[][];
  token_type_ids?: number[][];
  labels: number[] | number[][];
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

interface Difference {
  absolute: number;
  share: number;
}

const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const tensorsOf = (path: string): Map<string, NamedTensor> => readSafetensors(new Uint8Array(readFileSync(path)), basename(path)).tensors;

function compare(actual: Float32Array, expected: Float32Array): Difference {
  let [absolute, share] = [actual.length === expected.length ? 0 : Infinity, 0];
  expected.forEach((value, i) => {
    const difference = Math.abs((actual[i] ?? NaN) - value);
    absolute = Math.max(absolute, Number.isNaN(difference) ? Infinity : difference);
    share = Math.max(share, difference / (TOLERANCE.absolute + TOLERANCE.relative * Math.abs(value)));
  });
  return { absolute, share: absolute === Infinity ? Infinity : share };
}

const worst = (a: Difference, b: Difference): Difference => ({ absolute: Math.max(a.absolute, b.absolute), share: Math.max(a.share, b.share) });

function labelled(raw: RawBatch, task: EngineTask): LabelledBatch {
  const flat = raw.labels.flat();
  const targets = task === 'single-label' || task === 'token' ? Int32Array.from(flat) : Float32Array.from(flat);
  const [batch, length] = [raw.input_ids.length, must(raw.input_ids[0], 'rows').length];
  const typeIds = raw.token_type_ids ? Int32Array.from(raw.token_type_ids.flat()) : null;
  const input = { batch, length, ids: Int32Array.from(raw.input_ids.flat()), mask: Int32Array.from(raw.attention_mask.flat()), typeIds };
  return { input, targets };
}

/** Our settings for the case: LoRA as its adapter says, everything else is driven by hand. */
function trainingFor(folder: string): TrainingConfig {
  const path = join(folder, 'adapter_initial', 'adapter_config.json');
  const adapter = existsSync(path) ? (json(path) as { r: number; lora_alpha: number; target_modules: string[]; modules_to_save: string[] }) : null;
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
    lora: { rank: adapter?.r ?? 1, alpha: adapter?.lora_alpha ?? 1, dropout: 0, targetModules: adapter?.target_modules ?? [], modulesToSave: adapter?.modules_to_save ?? [] },
  };
}

async function logitsOf(model: Classifier, batch: LabelledBatch): Promise<Float32Array> {
  const logits = tf.tidy(() => model.logits(batch.input, null));
  const values = await logits.data<'float32'>();
  logits.dispose();
  return values;
}

/** One case; throws what the engine throws. */
export async function runCase(folder: string): Promise<CaseResult> {
  const expected = (json(join(folder, 'expected.json')) as Expected);
  const task = must(KINDS[expected.task], `task ${expected.task}`);
  const config = (json(join(folder, 'config.json')) as Record<string, unknown>);
  const batches = (json(join(folder, 'batches.json')) as RawBatch[]).map((raw) => labelled(raw, task));
  const tensors = tensorsOf(join(folder, 'model.safetensors'));
  const truth = tensorsOf(join(folder, 'expected.safetensors'));
  const training = trainingFor(folder);
  const adapterAt = (stage: string): Map<string, NamedTensor> | undefined => (training.method === 'lora' ? tensorsOf(join(folder, `adapter_${stage}`, 'adapter_model.safetensors')) : undefined);
  const build = (stage: string): Promise<Classifier> => {
    const adapter = adapterAt(stage);
    return buildModel({ config, tensors, task, labels: labelNames(config) ?? [], training, ...(adapter ? { adapter } : {}) });
  };
  const first = must(batches[0], 'batches');
  const known = (name: string): Float32Array => toFloat32(must(truth.get(name), name));

  const model = await build('initial');
  const { recipe } = expected;
  const optimizer = new AdamW(model.trainedParameters(), { weightDecay: recipe.weight_decay, maxGradNorm: recipe.max_grad_norm });
  const options: LossOptions = { classWeights: recipe.class_weights ? Float32Array.from(recipe.class_weights) : null, labelSmoothing: recipe.label_smoothing ?? 0 };
  const logits = compare(await logitsOf(model, first), known('logits_first_batch'));
  let gradientError: Difference = { absolute: 0, share: 0 };
  const losses = { early: 0, late: 0 };
  for (let step = 0; step < expected.loss.length; step++) {
    const { loss, gradients } = await model.lossAndGradients([must(batches[step % batches.length], 'batch')], options, null);
    if (step === 0)
      for (const [i, parameter] of model.trainedParameters().entries()) {
        const values = await must(gradients[i], parameter.name).data<'float32'>();
        gradientError = worst(gradientError, compare(values, known(`grad/${parameter.name}`)));
      }
    const wanted = must(expected.loss[step], 'loss');
    const relative = Math.abs(loss - wanted) / Math.abs(wanted);
    if (step < TOLERANCE.lateStep) losses.early = Math.max(losses.early, relative);
    else losses.late = Math.max(losses.late, relative);
    await optimizer.step(gradients, learningRateAt(step, recipe.lr, 'linear', recipe.warmup_steps, recipe.total_steps));
  }
  optimizer.dispose();
  const trainedTruth = tensorsOf(join(folder, 'trained_parameters.safetensors'));
  let parameters = 0;
  for (const tensor of await model.trained())
    if (!NOISE.test(tensor.name)) parameters = Math.max(parameters, compare(toFloat32(tensor), toFloat32(must(trainedTruth.get(tensor.name), tensor.name))).absolute);
  const finalLogits = compare(await logitsOf(model, first), known('logits_first_batch_after_training'));
  model.dispose();

  let adapterLogits: Difference | null = null;
  if (training.method === 'lora') {
    const adapted = await build('trained');
    adapterLogits = compare(await logitsOf(adapted, first), known('logits_first_batch_after_training'));
    adapted.dispose();
  }
  const passed =
    logits.share <= 1 && gradientError.share <= 1 && losses.early <= TOLERANCE.loss && losses.late <= TOLERANCE.lateLoss && parameters <= TOLERANCE.parameter && finalLogits.absolute <= TOLERANCE.parameter && (adapterLogits?.share ?? 0) <= 1;
  return { name: basename(folder), logits, gradients: gradientError, losses, parameters, finalLogits, adapterLogits, passed };
}

/** Cases in a folder, and those of kinds that the engine does not train, with the reason. */
export function findCases(folder: string): { cases: string[]; skipped: { name: string; reason: string }[] } {
  const cases: string[] = [];
  const skipped: { name: string; reason: string }[] = [];
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (!statSync(path).isDirectory() || !existsSync(join(path, 'expected.json'))) continue;
    const { task } = (json(join(path, 'expected.json')) as Expected);
    if (Object.hasOwn(KINDS, task)) cases.push(path);
    else skipped.push({ name, reason: `kind "${task}" is not supported yet` });
  }
  return { cases, skipped };
}

const brief = (value: number): string => value.toExponential(1);

/** Prints a line a case; 0 when all are within tolerance, else 1. */
export async function parity(folder: string, backend: BackendName): Promise<number> {
  const device = await openBackend(backend, { wasmPath: join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/') });
  console.log(`${device.name}; largest error of logits, gradients, losses (to step 25 / after), parameters`);
  const { cases, skipped } = findCases(folder);
  let failures = 0;
  for (const path of cases) {
    try {
      const result = await runCase(path);
      if (!result.passed) failures++;
      const adapter = result.adapterLogits ? `  PEFT adapter ${brief(result.adapterLogits.absolute)}` : '';
      const figures = `logits ${brief(result.logits.absolute)}  gradients ${brief(result.gradients.absolute)}  losses ${brief(result.losses.early)} / ${brief(result.losses.late)}  parameters ${brief(result.parameters)}  logits after ${brief(result.finalLogits.absolute)}${adapter}`;
      console.log(`${result.passed ? 'ok  ' : 'FAIL'} ${result.name.padEnd(34)} ${figures}`);
    } catch (error) {
      failures++;
      console.log(`FAIL ${basename(path).padEnd(34)} ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  for (const { name, reason } of skipped) console.log(`skip ${name.padEnd(34)} ${reason}`);
  if (cases.length === 0) console.log(`No case in ${folder}: each is a folder with an expected.json.`);
  console.log(`${cases.length - failures} passed, ${failures} failed, ${skipped.length} skipped`);
  return failures > 0 || cases.length === 0 ? 1 : 0;
}
