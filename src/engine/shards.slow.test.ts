/**
 * A model whose word embedding is larger than what a GPU binds computes, learns, writes and is kept as the same model
 * on a GPU without that limit.
 */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { must } from '../base/assert';
import { greedy } from '../domain/generation';
import { toFloat32 } from '../formats/dtype';
import type { NamedTensor } from '../formats/tensor';
import { tensorCount } from './backend/backends';
import { buildLanguageModel, type LanguageBuildOptions } from './build-language-model';
import { buildModel } from './build-model';
import { generate } from './decoding/generate';
import { joinSequences, type MarkedSequence } from './language-model';
import { decoderSpec } from './models';
import { BACKENDS, openInNode, whyNotInNode } from '../testing/node-backends';
import { AdamW } from './training/optimizer';
import type { PreparedStep } from './training/prepared-step';
import { EagerStepper, stepperFor, type Taken } from './training/stepper';
import { checkpoint, CONFIG } from '../testing/checkpoint';
import { drawnDecoder, LLAMA } from '../testing/decoder';
import { shapesMade } from '../testing/memory-peak';
import { testSettings } from '../testing/training';
import type { TrainedWeights } from './trained-weights';
import type { EncodedExample, HfConfig } from './types';
import { crossEntropyObjective, nextTokenObjective } from './objectives';

const limit = vi.hoisted(() => ({ bytes: null as number | null }));
vi.mock(import('./backend/backends'), async (original) => ({
  ...(await original()),
  maxTensorBytes: () => limit.bytes,
}));

const VOCABULARY = 300;
const STEPS = 2;

/** A model and the steps that it is taught. */
interface Lesson {
  model: TrainedWeights;
  prepare: (step: number) => PreparedStep;
  /** Logits of a few inputs, and scores of answers where it gives them. */
  logits: () => Promise<Float32Array>;
  /** The tokens that it writes, where it does. */
  written: () => Promise<number[]>;
  maxGradNorm: number;
}

/** What is told of a model and of its run. */
interface Ran {
  parameters: number;
  tensors: number;
  before: Float32Array;
  taken: Taken[];
  after: Float32Array;
  written: number[];
  merged: NamedTensor[];
  /** After each step: the trained weights and the moments. */
  states: Map<number, { trained: NamedTensor[]; moments: NamedTensor[] }>;
}

/** Takes all steps, or those after `from.at`; the model is disposed. */
async function run(
  { model, prepare, logits, written, maxGradNorm }: Lesson,
  { eagerly = false, from = null as { at: number; ran: Ran } | null } = {},
): Promise<Ran> {
  // The large epsilon keeps gradients that are nothing but rounding errors, of key biases, from moving anything.
  const optimizer = new AdamW(model.trainedParameters(), { weightDecay: 0.1, maxGradNorm, epsilon: 1e-4 });
  const learner = { weights: model, extras: [] };
  if (from) {
    const { trained, moments } = must(from.ran.states.get(from.at), 'state');
    optimizer.restore(moments, from.at);
    model.restore(new Map(trained.map((tensor) => [tensor.name, tensor])));
  }
  const stepper = eagerly ? new EagerStepper(learner, optimizer) : stepperFor(learner, optimizer);
  const before = await logits();
  const taken: Taken[] = [];
  const states: Ran['states'] = new Map();
  for (let step = from?.at ?? 0; step < STEPS;) {
    taken.push(await stepper.take(prepare(step), 0.02));
    states.set(++step, { trained: await model.trained(), moments: await optimizer.state() });
  }
  expect(stepper.recorded?.reason ?? null).toBeNull();
  const told = { parameters: model.totalParameters, tensors: model.tensors().length };
  const ran = {
    ...told,
    before,
    taken,
    after: await logits(),
    written: await written(),
    merged: await model.merged(),
    states,
  };
  stepper.dispose();
  optimizer.dispose();
  model.dispose();
  return ran;
}

/** Ids all over the vocabulary, one of them in each row and others in each step. */
const idsOf = (step: number, row: number, length: number): Int32Array =>
  Int32Array.from({ length }, (_, i) => (i === 3 ? 7 : (1 + 37 * step + 71 * row + 97 * i) % VOCABULARY));

const BERT: HfConfig = { ...CONFIG, vocab_size: VOCABULARY };

async function bert(method: 'full' | 'lora', modulesToSave: string[] = []): Promise<Lesson> {
  const usual = testSettings(method, { dropout: 0.1 });
  const training = {
    ...usual,
    lora: { ...usual.lora, modulesToSave: [...usual.lora.modulesToSave, ...modulesToSave] },
  };
  const model = await buildModel({
    config: BERT,
    tensors: checkpoint(BERT),
    task: 'single-label',
    labels: ['no', 'yes'],
    training,
  });
  // The shorter rows are filled up with the padding id, which gets no gradient.
  const rows = (step: number): EncodedExample[] =>
    [9, 6, 4, 9].map((length, row) => ({ row, ids: idsOf(step, row, length), typeIds: null, label: row % 2 }));
  return {
    model,
    prepare: (step) =>
      model.prepare([{ input: model.pad(rows(step)), targets: Int32Array.of(0, 1, 0, 1) }], crossEntropyObjective(), {
        seed: 3,
        step,
      }),
    logits: async () => Float32Array.from((await model.predict(rows(9))).flatMap((logits) => [...logits])),
    written: () => Promise.resolve([]),
    // Its norm is summed shard by shard: with clipping the last bits may differ.
    maxGradNorm: 0,
  };
}

const sequences = (step: number): MarkedSequence[] =>
  [9, 6].map((length, row) => ({
    ids: idsOf(step, row, length),
    trained: Uint8Array.from({ length }, (_, i) => (i > 1 ? 1 : 0)),
  }));

const TIED: HfConfig = { ...LLAMA, vocab_size: VOCABULARY };
const UNTIED: HfConfig = { ...TIED, model_type: 'qwen2', tie_word_embeddings: false };

function decoder(
  config: HfConfig,
  { method = 'full', base = 'f32' }: Partial<LanguageBuildOptions['training']> = {},
): Lesson {
  const lora = { rank: 4, alpha: 8, dropout: 0, targetModules: decoderSpec(config).linearModules, modulesToSave: [] };
  const model = buildLanguageModel({
    config,
    tensors: drawnDecoder(config),
    training: { method, lora, seed: 1, dropout: 0, base },
  });
  return {
    model,
    prepare: (step) =>
      model.prepare([joinSequences(sequences(step)), joinSequences(sequences(step + 20))], nextTokenObjective, null),
    async logits() {
      const found = tf.tidy(() => model.logitsOf(model.states({ ids: idsOf(9, 0, 5), lengths: [3, 2] }, null)));
      const values = (await found.data<'float32'>()).slice();
      found.dispose();
      return Float32Array.of(
        ...values,
        ...(await model.score(sequences(30))).flatMap(({ logProbability, correct }) => [logProbability, correct]),
      );
    },
    async written() {
      const ids: number[] = [];
      for await (const id of generate(model, [3, 150, 290], { settings: greedy(4), stopIds: new Set() })) ids.push(id);
      return ids;
    },
    maxGradNorm: 1,
  };
}

/** How far the results of shards may be from those of the whole: sums over a vocabulary have another order. */
type Tolerance = 'none' | 'rounding';

/** The largest difference over what is allowed: 1e-5 + 1e-4·|expected|, or none at all. */
function excess(actual: Float32Array, expected: Float32Array, tolerance: Tolerance): number {
  if (tolerance === 'none') return actual.every((value, i) => value === expected[i]) ? 0 : Infinity;
  return actual.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? NaN)) / (1e-5 + 1e-4 * Math.abs(value))),
    0,
  );
}

function expectSame(actual: Float32Array, expected: Float32Array, tolerance: Tolerance, what: string): void {
  expect(actual.length, what).toBe(expected.length);
  expect(excess(actual, expected, tolerance), what).toBeLessThan(1);
}

function expectSameTensors(
  actual: readonly NamedTensor[],
  expected: readonly NamedTensor[],
  tolerance: Tolerance,
): void {
  expect(actual.map(({ name, shape, dtype }) => ({ name, shape, dtype }))).toEqual(
    expected.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
  );
  actual.forEach((tensor, i) => {
    expectSame(toFloat32(tensor), toFloat32(must(expected[i], 'tensor')), tolerance, tensor.name);
  });
}

function expectSameRun(actual: Ran, expected: Ran, tolerance: Tolerance): void {
  expect(actual.parameters).toBe(expected.parameters);
  const losses = ({ taken }: Ran): Float32Array =>
    Float32Array.from(taken.slice(-actual.taken.length), ({ loss }) => loss);
  const norms = ({ taken }: Ran): Float32Array =>
    Float32Array.from(taken.slice(-actual.taken.length), ({ gradientNorm }) => gradientNorm);
  expectSame(losses(actual), losses(expected), tolerance, 'losses');
  expectSame(norms(actual), norms(expected), 'rounding', 'norms');
  expectSame(actual.after, expected.after, tolerance, 'logits');
  expect(actual.written).toEqual(expected.written);
  expectSameTensors(actual.merged, expected.merged, tolerance);
  const [state, known] = [must(actual.states.get(STEPS), 'state'), must(expected.states.get(STEPS), 'state')];
  expectSameTensors(state.trained, known.trained, tolerance);
  expectSameTensors(state.moments, known.moments, tolerance);
}

interface Case {
  name: string;
  lesson: () => Lesson | Promise<Lesson>;
  /** Bytes of the limit: tables come to three shards, one smaller than the others; all else fits. */
  most: number;
  /** How many tables there are, and the shape that none of their tensors may have. */
  tables: number;
  whole: string;
  tolerance: Tolerance;
  /** Not on WebGPU, which is slow in software: other cases take the same way there. */
  elsewhere?: true;
}

const BERT_CASE = { most: 8192, tables: 1, whole: '300,16', tolerance: 'none' } as const;
const DECODER_CASE = { most: 32_768, tables: 1, whole: '300,64', tolerance: 'rounding' } as const;

const CASES: Case[] = [
  { ...BERT_CASE, name: 'BERT, all weights', lesson: () => bert('full') },
  { ...BERT_CASE, name: 'BERT, LoRA', lesson: () => bert('lora') },
  {
    ...BERT_CASE,
    name: 'BERT, LoRA with the embedding trained whole',
    lesson: () => bert('lora', ['word_embeddings']),
    elsewhere: true,
  },
  { ...DECODER_CASE, name: 'Llama, tied, all weights', lesson: () => decoder(TIED) },
  { ...DECODER_CASE, name: 'Qwen 2, untied, all weights', tables: 2, lesson: () => decoder(UNTIED), elsewhere: true },
  { ...DECODER_CASE, name: 'Llama, tied, LoRA', lesson: () => decoder(TIED, { method: 'lora' }), elsewhere: true },
  {
    ...DECODER_CASE,
    name: 'Llama, tied, LoRA on 16 bits',
    most: 16_384,
    lesson: () => decoder(TIED, { method: 'lora', base: 'f16' }),
    elsewhere: true,
  },
  {
    ...DECODER_CASE,
    name: 'Llama, tied, LoRA on 8 bits',
    most: 8192,
    lesson: () => decoder(TIED, { method: 'lora', base: 'q8' }),
  },
];

/** Runs what is built under a limit. */
async function under<T>(most: number | null, work: () => Promise<T>): Promise<T> {
  limit.bytes = most;
  return work().finally(() => (limit.bytes = null));
}

for (const backend of BACKENDS) {
  const missing = whyNotInNode(backend);
  describe.skipIf(missing !== null)(missing ? `${backend}: ${missing}` : `in shards on ${backend}`, () => {
    it.each(CASES.filter(({ elsewhere }) => !(elsewhere && backend === 'webgpu')))(
      '$name',
      async ({ lesson, most, tables, whole: table, tolerance }) => {
        await openInNode(backend);
        const held = tensorCount();
        const whole = await run(await lesson());
        let sharded = whole;
        const shapes = await shapesMade(() => under(most, async () => (sharded = await run(await lesson()))));
        expect(shapes).not.toContain(table);
        expect(sharded.tensors).toBe(whole.tensors + 2 * tables);
        expectSame(sharded.before, whole.before, tolerance, 'logits before');
        expectSameRun(sharded, whole, tolerance);
        if (backend === 'webgpu')
          expectSameRun(await under(most, async () => run(await lesson(), { eagerly: true })), sharded, 'none');
        else {
          // Files know of no shards: a run goes on with as many as the device asks for.
          const from = { at: 1, ran: sharded };
          expectSameRun(await run(await lesson(), { from }), sharded, tolerance);
          expectSameRun(await under(most, async () => run(await lesson(), { from })), sharded, 'none');
        }
        expect(tensorCount()).toBe(held);
      },
    );
  });
}
