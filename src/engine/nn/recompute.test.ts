/** Activation checkpointing: the gradients of a decoder with and without, dropout included, and what it saves. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { buildLanguageModel } from '../build-language-model';
import { joinSequences, type LanguageModel } from '../language-model';
import { decoderSpec } from '../models';
import { BACKENDS, openInNode, whyNotInNode } from '../../testing/node-backends';
import { drawnDecoder, GPT2, LLAMA } from '../../testing/decoder';
import { peakBytes } from '../../testing/memory-peak';
import type { HfConfig } from '../types';
import { nextTokenObjective } from '../objectives';
import { runEagerly } from '../training/eager';

function build(config: HfConfig, method: 'lora' | 'full', gradientCheckpointing: boolean): LanguageModel {
  const lora = { rank: 4, alpha: 8, dropout: 0.1, targetModules: decoderSpec(config).linearModules, modulesToSave: [] };
  return buildLanguageModel({
    config,
    tensors: drawnDecoder(config),
    training: { method, lora, seed: 1, dropout: 0.1, gradientCheckpointing },
  });
}

const BATCH = joinSequences(
  [
    [3, 9, 27, 41, 2],
    [11, 5, 5, 30, 31, 32, 2],
  ].map((ids) => ({ ids: Int32Array.from(ids), trained: Uint8Array.from(ids, () => 1) })),
);

async function lossAndGradients(model: LanguageModel): Promise<{ loss: number; gradients: Float32Array[] }> {
  const { loss, gradients } = await runEagerly(model.prepare([BATCH], nextTokenObjective, { seed: 3, step: 5 }));
  const read = await Promise.all(gradients.map(async (gradient) => (await gradient.data<'float32'>()).slice()));
  tf.dispose(gradients);
  return { loss, gradients: read };
}

const CASES = [
  ['Llama, LoRA', LLAMA, 'lora'],
  ['Llama, full, tied', LLAMA, 'full'],
  ['GPT-2, full', GPT2, 'full'],
] as const;

for (const backend of BACKENDS) {
  const missing = whyNotInNode(backend);
  describe.skipIf(missing !== null)(
    missing ? `checkpointing on ${backend}: ${missing}` : `checkpointing on ${backend}`,
    () => {
      it.each(backend === 'wasm' ? CASES : CASES.slice(0, 1))(
        'gives the same loss and gradients to the last bit (%s)',
        async (_name, config, method) => {
          await openInNode(backend);
          const before = tf.memory().numTensors;
          const [plain, checkpointed] = [build(config, method, false), build(config, method, true)];
          const [expected, actual] = [await lossAndGradients(plain), await lossAndGradients(checkpointed)];
          expect(actual.loss).toBe(expected.loss);
          expect(actual.gradients).toEqual(expected.gradients);
          plain.dispose();
          checkpointed.dispose();
          expect(tf.memory().numTensors).toBe(before);
        },
        60_000,
      );
    },
  );
}

it('keeps the inside of one layer at a time', async () => {
  await openInNode('wasm');
  const deep = { ...LLAMA, num_hidden_layers: 8 };
  const [plain, checkpointed] = [build(deep, 'lora', false), build(deep, 'lora', true)];
  const peaks = [
    await peakBytes(() => lossAndGradients(plain)),
    await peakBytes(() => lossAndGradients(checkpointed)),
  ] as const;
  plain.dispose();
  checkpointed.dispose();
  expect(peaks[1]).toBeLessThan(0.7 * peaks[0]);
});
