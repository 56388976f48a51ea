/** What a decoder's run takes as foretold from sizes, against the most that its tensors held. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { toFloat32 } from '../formats/dtype';
import { quantize } from '../formats/gguf/quantize';
import type { NamedTensor } from '../formats/tensor';
import { buildLanguageModel } from './build-language-model';
import { estimateLanguageMemory, type SizedTraining } from './estimate-language';
import { joinSequences } from './language-model';
import { decoderSpec } from './models';
import { openInNode } from '../testing/node-backends';
import { AdamW } from './training/optimizer';
import { drawnDecoder, GPT2, LLAMA } from '../testing/decoder';
import { peakBytes } from '../testing/memory-peak';
import type { HfConfig } from './types';
import { nextTokenObjective } from './objectives';
import { runEagerly } from './training/eager';

const limit = vi.hoisted(() => ({ bytes: null as number | null }));
vi.mock(import('./backend/backends'), async (original) => ({
  ...(await original()),
  maxTensorBytes: () => limit.bytes,
}));

/** Share by which a measurement may differ. */
const TOLERANCE = 0.1;

const TALL: HfConfig = {
  ...LLAMA,
  hidden_size: 128,
  intermediate_size: 352,
  num_hidden_layers: 6,
  vocab_size: 900,
  max_position_embeddings: 128,
};
const TALL_GPT2: HfConfig = { ...GPT2, n_embd: 128, n_layer: 4, n_positions: 96, vocab_size: 900 };
const LONGEST = 64;

/** As a file has it that packs the matrices of its blocks in 4 bits. */
function packed(tensors: ReadonlyMap<string, NamedTensor>): Map<string, NamedTensor> {
  return new Map(
    [...tensors].map(([name, tensor]) => {
      const [rows = 0, columns = 0] = tensor.shape;
      if (!/layers.*proj/.test(name)) return [name, tensor];
      return [
        name,
        {
          ...tensor,
          packed: { type: 'Q4_0', shape: [rows, columns], bytes: quantize('Q4_0', toFloat32(tensor), name) },
        },
      ];
    }),
  );
}

/** Builds a model, runs two steps, and gives the most bytes that were held. */
async function measured(
  config: HfConfig,
  sized: SizedTraining,
  tensors: ReadonlyMap<string, NamedTensor>,
): Promise<number> {
  return peakBytes(async () => {
    const model = buildLanguageModel({ config, tensors, training: { ...sized, seed: 1, dropout: 0 } });
    const optimizer = new AdamW(model.trainedParameters(), { weightDecay: 0, maxGradNorm: 1 });
    const row = {
      ids: Int32Array.from({ length: LONGEST }, (_, i) => (i * 7) % 900),
      trained: new Uint8Array(LONGEST).fill(1),
    };
    const batch = joinSequences(new Array<typeof row>(sized.batchSize).fill(row));
    for (let step = 0; step < 2; step++) {
      const { gradients } = await runEagerly(
        model.prepare(new Array<typeof batch>(sized.gradientAccumulation).fill(batch), nextTokenObjective, {
          seed: 1,
          step,
        }),
      );
      await optimizer.step(gradients, 1e-4);
    }
    optimizer.dispose();
    model.dispose();
  });
}

function sized(config: HfConfig, more: Partial<SizedTraining>, dropout = 0.05): SizedTraining {
  const lora = { rank: 8, alpha: 16, dropout, targetModules: decoderSpec(config).linearModules, modulesToSave: [] };
  return {
    method: 'lora',
    lora,
    base: 'f32',
    gradientCheckpointing: false,
    batchSize: 4,
    gradientAccumulation: 1,
    ...more,
  };
}

/** With this limit the word embedding of `TALL` is kept in three shards, all else whole. */
const IN_SHARDS = 200_000;

describe('the bytes of a run', () => {
  beforeAll(() => openInNode('wasm'));

  it.each<[string, HfConfig, SizedTraining, { most?: number; asStored?: typeof packed }?]>([
    ['LoRA', TALL, sized(TALL, {})],
    ['LoRA on 16 bits', TALL, sized(TALL, { base: 'f16' })],
    [
      'LoRA on 16 bits asked for and a file in 4, checkpointed',
      TALL,
      sized(TALL, { base: 'f16', gradientCheckpointing: true }),
      { asStored: packed },
    ],
    ['LoRA without dropout on 8 bits, accumulated', TALL, sized(TALL, { base: 'q8', gradientAccumulation: 2 }, 0)],
    ['LoRA on 4 bits, checkpointed', TALL, sized(TALL, { base: 'q4', gradientCheckpointing: true })],
    ['full', TALL, sized(TALL, { method: 'full' })],
    [
      'full, checkpointed, accumulated',
      TALL,
      sized(TALL, { method: 'full', gradientCheckpointing: true, gradientAccumulation: 2 }),
    ],
    ['LoRA, the embedding in shards', TALL, sized(TALL, {}), { most: IN_SHARDS }],
    [
      'full, accumulated, the embedding in shards',
      TALL,
      sized(TALL, { method: 'full', gradientAccumulation: 2 }),
      { most: IN_SHARDS },
    ],
    ['GPT-2, LoRA on 4 bits', TALL_GPT2, sized(TALL_GPT2, { base: 'q4' })],
  ])(
    `are foretold within ${TOLERANCE * 100} percent (%s)`,
    async (
      _name,
      config,
      training,
      { most, asStored = (tensors: ReadonlyMap<string, NamedTensor>) => new Map(tensors) } = {},
    ) => {
      const before = tf.memory().numTensors;
      const tensors = asStored(drawnDecoder(config));
      limit.bytes = most ?? null;
      const peak = await measured(config, training, tensors);
      const { bytes } = estimateLanguageMemory(config, { ...training, epochs: 1 }, LONGEST, 8, tensors);
      expect(bytes / peak).toBeGreaterThan(1 - TOLERANCE);
      expect(bytes / peak).toBeLessThan(1 + TOLERANCE);
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});
