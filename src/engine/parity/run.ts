/** Runs parity cases: what PyTorch computed for a tiny checkpoint against what this engine computes. Node only. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { must } from '../../base/assert';
import type { BackendName } from '../../domain/device';
import type { TaskKind } from '../../domain/task';
import { toFloat32 } from '../../formats/dtype';
import { openBackend } from '../backend/backends';
import { buildModel } from '../build-model';
import type { Classifier, LabelledBatch } from '../classifier';
import { labelNames } from '../models/config';
import { TASKS } from '../tasks';
import { checkCase, json, tensorsOf, trainingFor, type CaseResult, type Expected, type ParityCase } from './case';
import { isLanguageKind, languageCase } from './language';

const KINDS: Record<string, TaskKind> = {
  single: 'single-label',
  weighted: 'single-label',
  pair: 'single-label',
  multi: 'multi-label',
  regression: 'regression',
  token: 'single-label',
  seven: 'single-label',
};

interface RawBatch {
  input_ids: number[][];
  attention_mask: number[][];
  token_type_ids?: number[][];
  labels: (number | number[])[];
}

function labelled(raw: RawBatch, task: TaskKind): LabelledBatch {
  const targets = TASKS[task].collate(raw.labels.flat());
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

/** A case of an encoder: a label a row, or a token. */
function labelCase(folder: string, expected: Expected): ParityCase {
  const task = must(KINDS[expected.task], `task ${expected.task}`);
  const config = json(join(folder, 'config.json')) as Record<string, unknown>;
  const batches = (json(join(folder, 'batches.json')) as RawBatch[]).map((raw) => labelled(raw, task));
  const tensors = tensorsOf(join(folder, 'model.safetensors'));
  const truth = tensorsOf(join(folder, 'expected.safetensors'));
  const training = trainingFor(folder, expected);
  const { class_weights: weights, label_smoothing: labelSmoothing = 0 } = expected.recipe;
  const objective = TASKS[task].objective({
    classWeights: weights ? Float32Array.from(weights) : null,
    labelSmoothing,
  });
  // Copies, for a recorded step writes the data of later ones into its own.
  const at = (i: number): LabelledBatch => structuredClone(must(batches[i], 'batch'));
  return {
    folder,
    expected,
    training,
    batches: batches.length,
    truth,
    async build(adapter) {
      const model = await buildModel({
        config,
        tensors,
        task,
        labels: labelNames(config) ?? [],
        training,
        ...(expected.task === 'token' ? { head: 'token' } : {}),
        ...(adapter ? { adapter } : {}),
      });
      return {
        weights: model,
        prepare: (group) => model.prepare(group.map(at), objective, null),
        extras: objective.extras,
        logits: () => logitsOf(model, at(0)),
        dispose: () => model.dispose(),
      };
    },
    logits: (name) => toFloat32(must(truth.get(name), name)),
  };
}

function runCase(folder: string): Promise<CaseResult> {
  const expected = json(join(folder, 'expected.json')) as Expected;
  return checkCase(isLanguageKind(expected.task) ? languageCase(folder, expected) : labelCase(folder, expected));
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
