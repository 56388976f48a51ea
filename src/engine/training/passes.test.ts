/**
 * Forward passes give the same numbers however they are taken; on the GPU each shape is computed in JavaScript once.
 */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { buildModel } from '../build-model';
import type { TokenBatch } from '../models/architecture';
import { BACKENDS, openInNode, whyNotInNode } from '../../testing/node-backends';
import { Passes } from './passes';
import { checkpoint, CONFIG } from '../../testing/checkpoint';
import { exampleRows, testSettings } from '../../testing/training';

describe('forward passes', () => {
  for (const backend of BACKENDS) {
    const missing = whyNotInNode(backend);
    it.skipIf(missing !== null)(
      missing ? `${backend}: ${missing}` : `of several shapes in any order on ${backend}`,
      async () => {
        await openInNode(backend);
        const model = await buildModel({
          config: CONFIG,
          tensors: checkpoint(),
          task: 'single-label',
          labels: ['no', 'yes'],
          training: testSettings('full', {}),
        });
        const before = tf.memory().numTensors;
        const passes = new Passes(() => model.tensors());
        const rows = exampleRows(12, 3);
        const batches = [rows.slice(0, 4), rows.slice(4, 8), rows.slice(0, 2), rows.slice(8, 12), rows.slice(6, 8)].map(
          (some) => model.pad(some),
        );
        const shapes = new Set(batches.map(({ batch, length }) => `${batch} × ${length}`)).size;
        let computed = 0;
        const pass = (data: TokenBatch): Promise<Float32Array[]> =>
          passes.values({
            shape: `${data.batch} × ${data.length}`,
            size: data.batch * data.length,
            data,
            run: (given) => {
              computed++;
              return [model.logits(given, null)];
            },
          });
        const expected = async (data: TokenBatch): Promise<Float32Array> => {
          const logits = tf.tidy(() => model.logits({ ...data }, null));
          return (await logits.data<'float32'>().finally(() => logits.dispose())).slice();
        };
        const each = async (): Promise<void> => {
          // All are on their way before the first is read.
          const found = await Promise.all(
            batches.map((batch) => pass({ ...batch, ids: batch.ids.slice(), mask: batch.mask.slice() })),
          );
          for (const [i, batch] of batches.entries()) expect(found[i]).toEqual([await expected(batch)]);
        };
        await each();
        await each();
        expect(passes.recorded).toBe(backend === 'webgpu' ? shapes : 0);
        computed = 0;
        await each();
        expect(computed).toBe(backend === 'webgpu' ? 0 : batches.length);
        // Other tensors in the place of those that were recorded.
        const trained = await model.trained();
        model.restore(new Map(trained.map((tensor) => [tensor.name, tensor])));
        computed = 0;
        await each();
        expect(computed).toBeGreaterThan(0);
        passes.dispose();
        expect(tf.memory().numTensors).toBe(before);
        model.dispose();
      },
    );
  }
});
