/**
 * LoRA on SmolLM2 with its base as floats and packed: ten steps on few short rows, the bytes of one step of 256 tokens,
 * and what rounding does to logits.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { must } from '../src/base/assert';
import { bytesSource } from '../src/base/bytes';
import type { BackendName } from '../src/domain/device';
import type { BaseWeights } from '../src/domain/language-config';
import { openBackend } from '../src/engine/backend/backends';
import { buildLanguageModel } from '../src/engine/build-language-model';
import { joinSequences, type LanguageModel, type MarkedSequence } from '../src/engine/language-model';
import { decoderSpec } from '../src/engine/models';
import { AdamW } from '../src/engine/training/optimizer';
import { readGgufCheckpoint } from '../src/formats/gguf/checkpoint';
import type { NamedTensor } from '../src/formats/tensor';
import { Counters, taskWhenIdle } from './lib/counters';
import { median } from './lib/timing';
import { nextTokenObjective } from '../src/engine/objectives';
import { runEagerly } from '../src/engine/training/eager';

export interface QloraOptions {
  /** The GGUF, and the token ids of prompts and answers. */
  model: string;
  golden: string;
  backend: BackendName;
  base: BaseWeights;
  /**
   * The base is rounded from the values of the file's blocks, as that of a checkpoint of floats is; else the blocks
   * stay where they are small enough.
   */
  rounded: boolean;
  checkpointing: boolean;
  steps: number;
}

export interface QloraResult {
  base: BaseWeights;
  rounded: boolean;
  checkpointing: boolean;
  losses: number[];
  stepMs: number;
  /** Bytes of all weights, and most bytes held on the device during a step of 256 tokens. */
  weightBytes: number;
  peakBytes: number;
  /** The base's logits after each token of the rows beside those of 32-bit floats; null with such a base. */
  logits: LogitDifference | null;
}

export interface LogitDifference {
  largest: number;
  rootMeanSquare: number;
  /** Tokens after which the likeliest one is the same, of all. */
  sameChoice: number;
  tokens: number;
}

const RANK = 16;
const TOKENS = 256;

const sequence = (prompt: readonly number[], answer: readonly number[]): MarkedSequence => ({
  ids: Int32Array.from([...prompt, ...answer]),
  trained: Uint8Array.from([...prompt.map(() => 0), ...answer.map(() => 1)]),
});

async function step(model: LanguageModel, optimizer: AdamW, sequences: readonly MarkedSequence[]): Promise<number> {
  const { loss, gradients } = await runEagerly(model.prepare([joinSequences(sequences)], nextTokenObjective, null));
  await optimizer.step(gradients, 1e-3);
  return loss;
}

const withoutBlocks = (tensors: ReadonlyMap<string, NamedTensor>): Map<string, NamedTensor> =>
  new Map(
    [...tensors].map(([name, tensor]) => [
      name,
      {
        name,
        dtype: tensor.dtype,
        shape: tensor.shape,
        get bytes() {
          return tensor.bytes;
        },
      },
    ]),
  );

async function logitsOf(
  model: LanguageModel,
  sequences: readonly MarkedSequence[],
): Promise<{ values: Float32Array; likeliest: Int32Array }> {
  const logits = tf.tidy(() => model.logitsOf(model.states(joinSequences(sequences), null, { base: true })));
  const best = tf.argMax(logits, 1);
  const found = { values: (await logits.data<'float32'>()).slice(), likeliest: (await best.data<'int32'>()).slice() };
  tf.dispose([logits, best]);
  return found;
}

async function difference(
  model: LanguageModel,
  floats: LanguageModel,
  sequences: readonly MarkedSequence[],
): Promise<LogitDifference> {
  const [mine, theirs] = [await logitsOf(model, sequences), await logitsOf(floats, sequences)];
  let [largest, squares] = [0, 0];
  mine.values.forEach((value, i) => {
    const apart = Math.abs(value - must(theirs.values[i]));
    largest = Math.max(largest, apart);
    squares += apart * apart;
  });
  const sameChoice = mine.likeliest.filter((id, i) => id === theirs.likeliest[i]).length;
  return {
    largest,
    rootMeanSquare: Math.sqrt(squares / mine.values.length),
    sameChoice,
    tokens: mine.likeliest.length,
  };
}

export async function runQlora({
  model: file,
  golden,
  backend,
  base,
  rounded,
  checkpointing,
  steps,
}: QloraOptions): Promise<QloraResult> {
  const counters = new Counters(taskWhenIdle()).install(globalThis);
  await openBackend(backend, { wasmPath: join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/') });
  const { config, tensors: stored } = await readGgufCheckpoint(
    bytesSource('model.gguf', new Uint8Array(readFileSync(file))),
  );
  const tensors = rounded ? withoutBlocks(stored) : stored;
  const { cases } = JSON.parse(readFileSync(golden, 'utf8')) as { cases: { ids: number[]; greedy_ids: number[] }[] };
  const rows = cases.slice(0, 2).map(({ ids, greedy_ids: answer }) => sequence(ids, [...answer].reverse()));
  const long = sequence(
    [1],
    Array.from({ length: TOKENS - 1 }, (_, i) => must(must(cases[i % cases.length], 'case').ids[0]) + i),
  );
  const lora = {
    rank: RANK,
    alpha: 2 * RANK,
    dropout: 0,
    targetModules: decoderSpec(config).linearModules,
    modulesToSave: [],
  };
  const build = (base: BaseWeights): LanguageModel =>
    buildLanguageModel({
      config,
      tensors,
      training: { method: 'lora', lora, seed: 1, dropout: null, base, gradientCheckpointing: checkpointing },
    });
  const model = build(base);
  const weightBytes = tf.memory().numBytes;
  const optimizer = new AdamW(model.trainedParameters(), { weightDecay: 0, maxGradNorm: 1 });
  const losses: number[] = [];
  const times: number[] = [];
  for (let i = 0; i < steps; i++) {
    const begun = performance.now();
    losses.push(Number((await step(model, optimizer, rows)).toFixed(4)));
    times.push(performance.now() - begun);
  }
  await step(model, optimizer, [long]);
  const { peakBytes } = counters.counts;
  optimizer.dispose();
  // Built only now: what it takes is no part of the peak.
  const floats = base === 'f32' ? null : build('f32');
  const logits = floats && (await difference(model, floats, rows));
  floats?.dispose();
  model.dispose();
  return { base, rounded, checkpointing, losses, stepMs: Math.round(median(times)), weightBytes, peakBytes, logits };
}
