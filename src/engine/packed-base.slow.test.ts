/**
 * LoRA on a base that stays packed: what it computes, learns, writes and exports is what the values of the blocks give.
 */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { must } from '../base/assert';
import { SeededRandom } from '../base/random';
import { greedy } from '../domain/generation';
import type { BaseWeights } from '../domain/language-config';
import { fromFloat32, toFloat32 } from '../formats/dtype';
import { dequantize } from '../formats/gguf/dequantize';
import { quantize } from '../formats/gguf/quantize';
import type { NamedTensor } from '../formats/tensor';
import { memoryBytes } from './backend/backends';
import { buildLanguageModel } from './build-language-model';
import { generate } from './decoding/generate';
import { joinSequences, type LanguageModel, type MarkedSequence } from './language-model';
import { decoderSpec } from './models';
import { packedBits, slotBytes } from './nn/weight-packing';
import { BACKENDS, openInNode, whyNotInNode } from '../testing/node-backends';
import { AdamW } from './training/optimizer';
import { drawnDecoder, GPT2, LLAMA } from '../testing/decoder';
import type { HfConfig } from './types';
import { nextTokenObjective } from './objectives';
import { runEagerly } from './training/eager';

type Tensors = ReadonlyMap<string, NamedTensor>;

function build(config: HfConfig, tensors: Tensors, base: BaseWeights, adapter?: Tensors): LanguageModel {
  const lora = { rank: 4, alpha: 8, dropout: 0, targetModules: decoderSpec(config).linearModules, modulesToSave: [] };
  return buildLanguageModel({
    config,
    tensors,
    training: { method: 'lora', lora, seed: 1, dropout: 0, base },
    ...(adapter ? { adapter } : {}),
  });
}

const byName = (tensors: readonly NamedTensor[]): Tensors => new Map(tensors.map((tensor) => [tensor.name, tensor]));

/** An adapter that changes something. */
async function drawnAdapter(model: LanguageModel): Promise<Tensors> {
  const random = new SeededRandom(9, 'adapter');
  return byName(
    (await model.adapter()).map(({ name, shape, bytes }) =>
      fromFloat32(
        name,
        shape,
        Float32Array.from({ length: bytes.length / 4 }, () => 0.1 * random.normal()),
      ),
    ),
  );
}

const SEQUENCES: MarkedSequence[] = [
  [3, 9, 27, 41, 2],
  [11, 5, 5, 30, 31, 32, 2],
].map((ids) => ({ ids: Int32Array.from(ids), trained: Uint8Array.from(ids, (_, i) => (i > 1 ? 1 : 0)) }));

async function lossAndGradients(model: LanguageModel): Promise<{ loss: number; gradients: Float32Array[] }> {
  const { loss, gradients } = await runEagerly(model.prepare([joinSequences(SEQUENCES)], nextTokenObjective, null));
  const read = await Promise.all(gradients.map(async (gradient) => (await gradient.data<'float32'>()).slice()));
  tf.dispose(gradients);
  return { loss, gradients: read };
}

async function written(model: LanguageModel): Promise<number[]> {
  const ids: number[] = [];
  for await (const id of generate(model, [3, 9, 27], { settings: greedy(5), stopIds: new Set() })) ids.push(id);
  return ids;
}

function expectClose(actual: Float32Array, expected: Float32Array, what: string): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) =>
    expect(Math.abs(must(actual[i]) - value), `${what} at ${i}`).toBeLessThan(1e-5 + 1e-4 * Math.abs(value)),
  );
}

const CASES: [string, HfConfig, BaseWeights][] = [
  ['Llama, tied, 4 bits', LLAMA, 'q4'],
  ['GPT-2, whose matrices lie transposed, untied, 8 bits', { ...GPT2, tie_word_embeddings: false }, 'q8'],
  ['Llama, tied, 16 bits', LLAMA, 'f16'],
];

for (const backend of BACKENDS) {
  const missing = whyNotInNode(backend);
  describe.skipIf(missing !== null)(
    missing ? `a packed base on ${backend}: ${missing}` : `a packed base on ${backend}`,
    () => {
      it.each(backend === 'wasm' ? CASES : CASES.slice(0, 1))(
        'computes what the values of its blocks give (%s)',
        async (_name, config, base) => {
          await openInNode(backend);
          const before = tf.memory().numTensors;
          const fresh = build(config, drawnDecoder(config), base);
          const adapter = await drawnAdapter(fresh);
          const values = byName(await fresh.merged());
          fresh.dispose();
          const packed = build(config, drawnDecoder(config), base, adapter);
          const floats = build(config, values, 'f32', adapter);
          const [mine, theirs] = [await lossAndGradients(packed), await lossAndGradients(floats)];
          expect(Math.abs(mine.loss - theirs.loss)).toBeLessThan(1e-5);
          packed
            .trainedParameters()
            .forEach(({ name }, i) =>
              expectClose(must(mine.gradients[i], name), must(theirs.gradients[i], name), name),
            );
          const scores = await Promise.all([packed, floats].map((model) => model.score(SEQUENCES)));
          must(scores[1]).forEach(({ logProbability }, i) =>
            expect(Math.abs(must(must(scores[0])[i]).logProbability - logProbability)).toBeLessThan(1e-4),
          );
          expect(await written(packed)).toEqual(await written(floats));
          const merged = byName(await floats.merged());
          for (const tensor of await packed.merged())
            expectClose(toFloat32(tensor), toFloat32(must(merged.get(tensor.name), tensor.name)), tensor.name);
          packed.dispose();
          floats.dispose();
          expect(tf.memory().numTensors).toBe(before);
        },
        60_000,
      );

      it('takes the bytes of its blocks, and learns', async () => {
        await openInNode(backend);
        const before = memoryBytes();
        const model = build(LLAMA, drawnDecoder(LLAMA), 'q4');
        const optimizer = new AdamW(model.trainedParameters(), { weightDecay: 0, maxGradNorm: 1 });
        const losses: number[] = [];
        for (let step = 0; step < 10; step++) {
          const { loss, gradients } = await runEagerly(
            model.prepare([joinSequences(SEQUENCES)], nextTokenObjective, null),
          );
          losses.push(loss);
          await optimizer.step(gradients, 2e-2);
        }
        expect(losses.at(-1)).toBeLessThan(must(losses[0], 'loss') / 2);
        optimizer.dispose();
        const spec = decoderSpec(LLAMA);
        const base = spec.slots.reduce((sum, slot) => sum + slotBytes(slot, spec, 'q4'), 0);
        expect(memoryBytes() - before).toBe(base + 4 * model.trainableParameters);
        model.dispose();
        expect(memoryBytes()).toBe(before);
      }, 60_000);
    },
  );
}

describe('what is packed', () => {
  it(
    'is half, a quarter or a sixth of the floats: layers as asked, embedding and output in at least 8 ' +
      'bits, all else not at all',
    () => {
      const spec = decoderSpec({ ...LLAMA, intermediate_size: 100 });
      const bytes = (base: BaseWeights): Record<string, number> =>
        Object.fromEntries(spec.slots.map((slot) => [slot.name, slotBytes(slot, spec, base)]));
      const [floats, half, eight, four] = [bytes('f32'), bytes('f16'), bytes('q8'), bytes('q4')];
      const share = (packed: Record<string, number>, name: string): number => must(packed[name]) / must(floats[name]);
      for (const name of ['model.layers.0.mlp.up_proj.weight', 'model.embed_tokens.weight'])
        expect(share(half, name)).toBe(1 / 2);
      expect(share(eight, 'model.layers.0.mlp.up_proj.weight')).toBe(9 / 32);
      expect(share(four, 'model.layers.0.mlp.up_proj.weight')).toBe(5 / 32);
      expect(share(four, 'model.embed_tokens.weight')).toBe(9 / 32);
      // Rows of 100 values are no whole blocks.
      for (const name of ['model.layers.0.mlp.down_proj.weight', 'model.norm.weight'])
        expect([share(four, name), share(half, name)]).toEqual([1, 1]);
    },
  );

  it('is kept as the file packs it where that takes no more bits, and rounded where it does', async () => {
    await openInNode('cpu');
    const name = 'model.layers.0.mlp.up_proj.weight';
    const shape = [96, 64] as const;
    const tensors = drawnDecoder(LLAMA);
    const drawn = toFloat32(must(tensors.get(name), name));
    const carried = async (type: 'Q8_0' | 'Q4_0', base: BaseWeights): Promise<Float32Array> => {
      const bytes = quantize(type, drawn, name);
      tensors.set(name, { ...fromFloat32(name, shape, dequantize(type, bytes)), packed: { type, shape, bytes } });
      const model = build(LLAMA, tensors, base);
      const values = toFloat32(must(byName(await model.merged()).get(name), name));
      model.dispose();
      return values.map((value) => value + 0);
    };
    const valuesOf = (type: 'Q8_0' | 'Q4_0', values: Float32Array): Float32Array =>
      dequantize(type, quantize(type, values, name)).map((value) => value + 0);
    expect(await carried('Q4_0', 'q4')).toEqual(valuesOf('Q4_0', drawn));
    expect(await carried('Q4_0', 'q8')).toEqual(valuesOf('Q4_0', drawn));
    expect(await carried('Q8_0', 'q8')).toEqual(valuesOf('Q8_0', drawn));
    expect(await carried('Q8_0', 'q4')).toEqual(valuesOf('Q4_0', valuesOf('Q8_0', drawn)));
  });

  it.each([
    ['Llama', LLAMA],
    ['GPT-2, whose matrices lie transposed', { ...GPT2, tie_word_embeddings: false }],
  ])('is every value of an F16 checkpoint in 16 bits, and of others the nearest half (%s)', async (_name, config) => {
    await openInNode('cpu');
    const kept = async (tensors: Tensors): Promise<Tensors> => {
      const model = build(config, tensors, 'f16');
      const values = byName(await model.merged());
      model.dispose();
      return values;
    };
    const drawn = drawnDecoder(config);
    const halves = byName(
      [...drawn.values()].map((tensor) => ({
        ...tensor,
        dtype: 'F16' as const,
        bytes: quantize('F16', toFloat32(tensor), tensor.name),
      })),
    );
    const [exact, rounded] = [await kept(halves), await kept(drawn)];
    const spec = decoderSpec(config);
    for (const slot of spec.slots) {
      const [wanted, given] = [
        toFloat32(must(halves.get(slot.name), slot.name)),
        toFloat32(must(drawn.get(slot.name), slot.name)),
      ];
      expect(toFloat32(must(exact.get(slot.name), slot.name)), slot.name).toEqual(wanted);
      expect(toFloat32(must(rounded.get(slot.name), slot.name)), slot.name).toEqual(
        packedBits(slot, spec, 'f16') ? wanted : given,
      );
    }
  });

  it('stays in the file’s blocks where 16 bits are asked for and those take fewer', async () => {
    await openInNode('cpu');
    const name = 'model.layers.0.mlp.up_proj.weight';
    const shape = [96, 64] as const;
    const tensors = drawnDecoder(LLAMA);
    const blocks = {
      type: 'Q4_0' as const,
      shape,
      bytes: quantize('Q4_0', toFloat32(must(tensors.get(name), name)), name),
    };
    tensors.set(name, { ...fromFloat32(name, shape, dequantize('Q4_0', blocks.bytes)), packed: blocks });
    const before = memoryBytes();
    const model = build(LLAMA, tensors, 'f16');
    const spec = decoderSpec(LLAMA);
    const base = spec.slots.reduce((sum, slot) => sum + slotBytes(slot, spec, slot.name === name ? 'q4' : 'f16'), 0);
    expect(memoryBytes() - before).toBe(base + 4 * model.trainableParameters);
    model.dispose();
  });

  it(
    'is refused in 16 bits where a value is too large for them, naming the tensor and leaving nothing ' + 'behind',
    async () => {
      await openInNode('cpu');
      const name = 'model.layers.1.self_attn.v_proj.weight';
      const tensors = drawnDecoder(LLAMA);
      const values = toFloat32(must(tensors.get(name), name)).slice();
      values[77] = -65_520;
      tensors.set(name, fromFloat32(name, [32, 64], values));
      const before = tf.memory().numTensors;
      expect(() => build(LLAMA, tensors, 'f16')).toThrow(
        expect.objectContaining({
          code: 'numbers',
          place: { tensor: name },
          message: expect.stringContaining('-65520') as unknown,
          fix: expect.stringContaining('65,504') as unknown,
        }),
      );
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it('is refused for full training, in words', async () => {
    await openInNode('cpu');
    const lora = { rank: 1, alpha: 1, dropout: 0, targetModules: [], modulesToSave: [] };
    expect(() =>
      buildLanguageModel({
        config: LLAMA,
        tensors: drawnDecoder(LLAMA),
        training: { method: 'full', lora, seed: 1, dropout: null, base: 'q4' },
      }),
    ).toThrow(/cannot change/);
  });
});
