import { must } from '../base/assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultLanguageConfig, type LanguageConfig } from '../testing/settings';
import type { LoopEvent } from './training/wishes';
import { greedy } from '../domain/generation';
import { toFloat32 } from '../formats/dtype';
import { readSafetensors } from '../formats/safetensors';
import { buildLanguageModel } from './build-language-model';
import { generate } from './decoding/generate';
import { joinSequences, type LanguageModel, type MarkedSequence } from './language-model';
import { answers, preferences, type PreferenceRow, type SequenceRow } from './learners/language';
import type { Learner, Made } from './training/learner';
import { decoderSpec } from './models';
import { openInNode } from '../testing/node-backends';
import { train } from './training/loop';
import { drive } from '../testing/training';
import { nextTokenObjective } from './objectives';
import { runEagerly } from './training/eager';

const FOLDER = 'e2e/fixtures/tiny-llama';
const config = JSON.parse(readFileSync(join(FOLDER, 'config.json'), 'utf8')) as Record<string, unknown>;
const { tensors } = readSafetensors(
  new Uint8Array(readFileSync(join(FOLDER, 'model.safetensors'))),
  'model.safetensors',
);
const { linearModules, hiddenSize, maxPositions, vocabularySize } = decoderSpec(config);

function settings(method: LanguageConfig['method'], more: Partial<LanguageConfig> = {}): LanguageConfig {
  const { config: defaults } = defaultLanguageConfig({
    method,
    task: 'chat',
    hiddenSize,
    trainRows: 4,
    maxPositions,
    linearModules,
    recipe: null,
    template: 'own' as const,
  });
  return {
    ...defaults,
    learningRate: 1e-2,
    epochs: 20,
    batchSize: 4,
    maxLength: 16,
    lora: { ...defaults.lora, dropout: 0 },
    ...more,
  };
}

const build = (training: LanguageConfig): LanguageModel => buildLanguageModel({ config, tensors, training });

/** A question of three ids and an answer that ends with the id 2. */
function sequence(first: number, answer: number[]): MarkedSequence {
  const ids = [first, first + 1, 5, ...answer, 2];
  return { ids: Int32Array.from(ids), trained: Uint8Array.from(ids, (_, i) => (i < 3 ? 0 : 1)) };
}

const SEQUENCES = [
  sequence(10, [20, 21]),
  sequence(30, [22]),
  sequence(50, [23, 24, 25, 26]),
  sequence(70, [27, 20, 28]),
];
const ROWS: SequenceRow[] = SEQUENCES.map((each, i) => ({ row: i + 1, ...each }));

const run = (made: Learner | Made, training: LanguageConfig): Promise<LoopEvent[]> => drive(train(made, training));

async function write(model: LanguageModel, prompt: number[]): Promise<{ ids: number[]; why: string }> {
  const tokens = generate(model, prompt, { settings: greedy(12), stopIds: new Set([2]) });
  const ids: number[] = [];
  for (;;) {
    const { value, done } = await tokens.next();
    if (done) return { ids, why: value };
    ids.push(value);
  }
}

describe('a decoder', () => {
  beforeAll(() => openInNode('wasm'));

  it('gives sequences laid one after the other the loss and gradients of the same sequences alone', async () => {
    const model = build(settings('full'));
    const together = await runEagerly(model.prepare([joinSequences(SEQUENCES)], nextTokenObjective, null));
    const apart = await runEagerly(
      model.prepare(
        SEQUENCES.map((each) => joinSequences([each])),
        nextTokenObjective,
        null,
      ),
    );
    expect(Math.abs(together.loss - apart.loss)).toBeLessThan(1e-5);
    let largest = 0;
    for (const [i, gradient] of together.gradients.entries()) {
      const [a, b] = [await gradient.data<'float32'>(), await must(apart.gradients[i]).data<'float32'>()];
      a.forEach((value, n) => (largest = Math.max(largest, Math.abs(value - must(b[n])))));
    }
    expect(largest).toBeLessThan(1e-5);
    tf.dispose([...together.gradients, ...apart.gradients]);
    model.dispose();
  });

  for (const method of ['lora', 'full'] as const)
    it(`learns answers by heart and stops where they stopped (${method})`, async () => {
      const before = tf.memory().numTensors;
      const training = settings(method, { epochs: method === 'lora' ? 40 : 30, packing: method === 'full' });
      const model = build(training);
      expect((await write(model, [10, 11, 5])).ids).not.toEqual([20, 21]);
      const events = await run(answers(model, { train: ROWS, validation: ROWS }, training), training);
      const losses = events.flatMap((event) => (event.type === 'step' ? [event.record.loss] : []));
      expect(losses.at(-1)).toBeLessThan(must(losses[0]) / 10);
      const validations = events.flatMap((event) => (event.type === 'validation' ? [event.record] : []));
      expect(validations.at(-1)).toMatchObject({ metricName: 'token accuracy', metricValue: 1 });
      expect(validations.at(-1)?.loss).toBeLessThan(0.4);
      expect(await write(model, [10, 11, 5])).toEqual({ ids: [20, 21], why: 'stop-token' });
      expect(await write(model, [50, 51, 5])).toEqual({ ids: [23, 24, 25, 26], why: 'stop-token' });
      model.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });

  it('packs short sequences into fewer items, and names rows by their numbers', () => {
    const model = build(settings('lora'));
    const packed = answers(model, { train: ROWS, validation: [] }, settings('lora', { packing: true, maxLength: 13 }));
    expect(packed.lengths.length).toBeLessThan(ROWS.length);
    expect(packed.lengths.reduce((sum, length) => sum + length, 0)).toBe(
      SEQUENCES.reduce((sum, { ids }) => sum + ids.length, 0),
    );
    expect(Math.max(...packed.lengths)).toBeLessThanOrEqual(13);
    const single = answers(model, { train: ROWS, validation: [] }, settings('lora'));
    expect(single.lengths.map((_, i) => single.row(i))).toEqual([1, 2, 3, 4]);
    model.dispose();
  });

  it('learns to prefer: margins grow from nothing, against what it said before', async () => {
    const before = tf.memory().numTensors;
    const pairs: PreferenceRow[] = [10, 30, 50, 70].map((first, i) => ({
      row: i + 1,
      chosen: sequence(first, [20, 21]),
      rejected: sequence(first, [40]),
    }));
    const training = settings('lora', { epochs: 8, learningRate: 5e-3, batchSize: 2 });
    const model = build(training);
    const events = await run(
      preferences(model, { train: pairs, validation: pairs }, training, new AbortController().signal),
      training,
    );
    expect(events[0]).toEqual({ type: 'phase', phase: 'reference', done: 0, total: 8 });
    const steps = events.flatMap((event) => (event.type === 'step' ? [event.record] : []));
    // B starts at zero: the adapter changes nothing yet.
    expect(steps[0]?.loss).toBeCloseTo(Math.log(2), 5);
    expect(steps[0]?.extras).toMatchObject({ 'rewards/margins': expect.closeTo(0, 5) as number });
    expect(steps.at(-1)?.extras?.['rewards/accuracies']).toBe(1);
    expect(steps.at(-1)?.extras?.['rewards/margins']).toBeGreaterThan(0.5);
    expect(events.flatMap((event) => (event.type === 'validation' ? [event.record] : [])).at(-1)).toMatchObject({
      metricName: 'reward accuracy',
      metricValue: 1,
    });
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is exported as it writes: merged weights give the logits of base and adapter', async () => {
    const training = settings('lora', { epochs: 5 });
    const model = build(training);
    await run(answers(model, { train: ROWS, validation: [] }, training), training);
    const merged = new Map((await model.merged()).map((tensor) => [tensor.name, tensor]));
    expect([...merged.keys()].sort()).toEqual([...tensors.keys()].sort());
    const whole = buildLanguageModel({ config, tensors: merged, training: settings('full') });
    const adapted = buildLanguageModel({
      config,
      tensors,
      training,
      adapter: new Map((await model.adapter()).map((tensor) => [tensor.name, tensor])),
    });
    const scores = await Promise.all(
      [model, whole, adapted].map(async (each) =>
        (await each.score(SEQUENCES)).map(({ logProbability }) => logProbability),
      ),
    );
    for (const other of scores.slice(1))
      other.forEach((value, i) => {
        expect(value).toBeCloseTo(must(must(scores[0])[i]), 4);
      });
    expect((await model.score(SEQUENCES, { base: true })).map(({ logProbability }) => logProbability)).not.toEqual(
      scores[0],
    );
    expect(toFloat32(must(merged.get('model.embed_tokens.weight'))).length).toBe(vocabularySize * hiddenSize);
    for (const each of [model, whole, adapted]) each.dispose();
  });

  it('names what is missing and what is not supported', () => {
    const missing = new Map(tensors);
    missing.delete('model.layers.0.mlp.up_proj.weight');
    const before = tf.memory().numTensors;
    expect(() => buildLanguageModel({ config, tensors: missing, training: settings('lora') })).toThrow(
      /model\.layers\.0\.mlp\.up_proj\.weight/,
    );
    expect(() =>
      buildLanguageModel({ config: { ...config, model_type: 'mamba' }, tensors, training: settings('lora') }),
    ).toThrow(/"mamba".*llama, qwen2, qwen3, gpt2/);
    expect(() =>
      buildLanguageModel({
        config: { ...config, rope_scaling: { rope_type: 'yarn', factor: 4 } },
        tensors,
        training: settings('lora'),
      }),
    ).toThrow(/"yarn".*default, linear, llama3/);
    expect(() =>
      buildLanguageModel({
        config,
        tensors,
        training: settings('lora', { lora: { ...settings('lora').lora, targetModules: ['query'] } }),
      }),
    ).toThrow(/no linear layer .*"query"/);
    expect(tf.memory().numTensors).toBe(before);
  });
});
