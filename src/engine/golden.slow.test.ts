/**
 * The embedded model against what transformers computes from the same weights: the [CLS] state and the mean of 20
 * texts.
 */
import { must } from '../base/assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../testing/settings';
import { readSafetensors } from '../formats/safetensors';
import { buildModel } from './build-model';
import { padBatch } from './training/batches';
import { meanPool } from './models/encoder';
import { BACKENDS, openInNode, whyNotInNode } from '../testing/node-backends';

const FOLDER = 'public/models/all-MiniLM-L6-v2';
const GOLDEN = 'e2e/fixtures/golden/all-MiniLM-L6-v2.json';

interface Golden {
  cases: { text: string; ids: number[]; cls: number[]; mean: number[] }[];
}

describe('all-MiniLM-L6-v2 against transformers', () => {
  for (const backend of BACKENDS) {
    const missing = whyNotInNode(backend);
    it.skipIf(missing !== null)(
      missing ? `${backend}: ${missing}` : backend,
      async () => {
        await openInNode(backend);
        const config = JSON.parse(readFileSync(join(FOLDER, 'config.json'), 'utf8')) as Record<string, unknown>;
        const { tensors } = readSafetensors(
          new Uint8Array(readFileSync(join(FOLDER, 'model.safetensors'))),
          'model.safetensors',
        );
        const context = {
          method: 'head' as const,
          hiddenSize: 384,
          trainExamples: 1,
          maxPositions: 512,
          linearModules: [],
          headModules: [],
          recipe: null,
        };
        const model = await buildModel({
          config,
          tensors,
          task: 'single-label',
          labels: ['a', 'b'],
          training: defaultConfig(context).config,
        });
        const { cases } = JSON.parse(readFileSync(GOLDEN, 'utf8')) as Golden;
        let worst = 0;
        const look = async (tensor: tf.Tensor, expected: number[]): Promise<void> => {
          const values = await tensor.data<'float32'>();
          tensor.dispose();
          expected.forEach((value, i) => (worst = Math.max(worst, Math.abs(value - must(values[i])))));
        };
        for (const [row, { ids, cls, mean }] of cases.entries()) {
          const batch = padBatch([{ row, ids: Int32Array.from(ids), typeIds: null, label: 0 }], 0, 512);
          const states = tf.tidy(() => model.states(batch));
          await look(
            tf.tidy(() => meanPool(states, batch)),
            mean,
          );
          await look(states, cls);
        }
        model.dispose();
        console.log(`${backend}: largest difference ${worst.toExponential(1)} over ${cases.length} texts`);
        expect(worst).toBeLessThan(1e-3);
      },
      300_000,
    );
  }
});
