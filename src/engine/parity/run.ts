/** Runs parity cases: what PyTorch computed for a tiny checkpoint against what this engine computes. Node only. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { must } from '../../base/assert';
import type { BackendName } from '../../domain/device';
import { toFloat32 } from '../../formats/dtype';
import type { NamedTensor } from '../../formats/tensor';
import { openBackend } from '../backend/backends';
import { buildModel } from '../build-model';
import type { Classifier, LabelledBatch } from '../classifier';
import { labelNames } from '../models/config';
import { AdamW } from '../training/optimizer';
import {
  compare,
  countLoss,
  json,
  parameterError,
  tensorsOf,
  trainingFor,
  within,
  worst,
  type CaseResult,
  type Difference,
  type Expected,
} from './case';
import { isLanguageKind, runLanguageCase } from './language';
import { learningRateAt } from '../training/schedule';
import type { EngineTask, LossOptions } from '../tasks/task';

const KINDS: Record<string, EngineTask> = {
  single: 'single-label',
  weighted: 'single-label',
  pair: 'single-label',
  multi: 'multi-label',
  regression: 'regression',
  token: 'token',
  seven: 'single-label',
};

interface RawBatch {
  input_ids: number[][];
  attention_mask: number[][];
  token_type_ids?: number[][];
  labels: number[];
}

function labelled(raw: RawBatch, task: EngineTask): LabelledBatch {
  const flat = raw.labels.flat();
  const targets = task === 'single-label' || task === 'token' ? Int32Array.from(flat) : Float32Array.from(flat);
  const [batch, length] = [raw.input_ids.length, must(raw.input_ids[0], 'rows').length];
  const typeIds = raw.token_type_ids ? Int32Array.from(raw.token_type_ids.flat()) : null;
  const input = {
    batch,
    length,
    ids: Int32Array.from(raw.input_ids.flat()),
    mask: Int32Array.from(raw.attention_mask.flat()),
    typeIds,
  };
  return { input, targets };
}

async function logitsOf(model: Classifier, batch: LabelledBatch): Promise<Float32Array> {
  const logits = tf.tidy(() => model.logits(batch.input, null));
  const values = await logits.data<'float32'>();
  logits.dispose();
  return values;
}

/** One case; throws what the engine throws. */
async function runCase(folder: string): Promise<CaseResult> {
  const expected = json(join(folder, 'expected.json')) as Expected;
  if (isLanguageKind(expected.task)) return runLanguageCase(folder);
  const task = must(KINDS[expected.task], `task ${expected.task}`);
  const config = json(join(folder, 'config.json')) as Record<string, unknown>;
  const batches = (json(join(folder, 'batches.json')) as RawBatch[]).map((raw) => labelled(raw, task));
  const tensors = tensorsOf(join(folder, 'model.safetensors'));
  const truth = tensorsOf(join(folder, 'expected.safetensors'));
  const training = trainingFor(folder);
  const adapterAt = (stage: string): Map<string, NamedTensor> | undefined =>
    training.method === 'lora' ? tensorsOf(join(folder, `adapter_${stage}`, 'adapter_model.safetensors')) : undefined;
  const build = (stage: string): Promise<Classifier> => {
    const adapter = adapterAt(stage);
    return buildModel({
      config,
      tensors,
      task,
      labels: labelNames(config) ?? [],
      training,
      ...(adapter ? { adapter } : {}),
    });
  };
  const first = must(batches[0], 'batches');
  const known = (name: string): Float32Array => toFloat32(must(truth.get(name), name));

  const model = await build('initial');
  const { recipe } = expected;
  const optimizer = new AdamW(model.trainedParameters(), {
    weightDecay: recipe.weight_decay,
    maxGradNorm: recipe.max_grad_norm,
  });
  const options: LossOptions = {
    classWeights: recipe.class_weights ? Float32Array.from(recipe.class_weights) : null,
    labelSmoothing: recipe.label_smoothing ?? 0,
  };
  const logits = compare(await logitsOf(model, first), known('logits_first_batch'));
  let gradientError: Difference = { absolute: 0, share: 0 };
  const losses = { early: 0, late: 0 };
  for (let step = 0; step < expected.loss.length; step++) {
    const { loss, gradients } = await model.lossAndGradients(
      [must(batches[step % batches.length], 'batch')],
      options,
      null,
    );
    if (step === 0)
      for (const [i, parameter] of model.trainedParameters().entries()) {
        const values = await must(gradients[i], parameter.name).data<'float32'>();
        gradientError = worst(gradientError, compare(values, known(`grad/${parameter.name}`)));
      }
    countLoss(losses, step, loss, expected);
    await optimizer.step(gradients, learningRateAt(step, recipe.lr, 'linear', recipe.warmup_steps, recipe.total_steps));
  }
  optimizer.dispose();
  const parameters = parameterError(folder, await model.trained());
  const finalLogits = compare(await logitsOf(model, first), known('logits_first_batch_after_training'));
  model.dispose();

  let adapterLogits: Difference | null = null;
  if (training.method === 'lora') {
    const adapted = await build('trained');
    adapterLogits = compare(await logitsOf(adapted, first), known('logits_first_batch_after_training'));
    adapted.dispose();
  }
  const errors = { logits, gradients: gradientError, losses, parameters, finalLogits, adapterLogits };
  return { name: basename(folder), ...errors, passed: within(errors) };
}

/** Cases in a folder, and those of kinds that the engine does not train, with the reason. */
function findCases(folder: string): { cases: string[]; skipped: { name: string; reason: string }[] } {
  const cases: string[] = [];
  const skipped: { name: string; reason: string }[] = [];
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (!statSync(path).isDirectory() || !existsSync(join(path, 'expected.json'))) continue;
    const { task } = json(join(path, 'expected.json')) as Expected;
    if (Object.hasOwn(KINDS, task) || isLanguageKind(task)) cases.push(path);
    else skipped.push({ name, reason: `kind "${task}" is not supported yet` });
  }
  return { cases, skipped };
}

const brief = (value: number): string => value.toExponential(1);

/** Prints a line a case; 0 when all are within tolerance, else 1. */
export async function parity(folder: string, backend: BackendName): Promise<number> {
  const device = await openBackend(backend, {
    wasmPath: join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/'),
  });
  console.log(`${device.name}; largest error of logits, gradients, losses (to step 25 / after), parameters`);
  const { cases, skipped } = findCases(folder);
  let failures = 0;
  for (const path of cases) {
    try {
      const result = await runCase(path);
      if (!result.passed) failures++;
      const adapter = result.adapterLogits ? `  PEFT adapter ${brief(result.adapterLogits.absolute)}` : '';
      const figures =
        `logits ${brief(result.logits.absolute)}  gradients ${brief(result.gradients.absolute)}  ` +
        `losses ${brief(result.losses.early)} / ${brief(result.losses.late)}  parameters ` +
        `${brief(result.parameters)}  logits after ${brief(result.finalLogits.absolute)}${adapter}`;
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
