/**
 * A GPU whose buffers are too small for a tensor that is no word embedding must be refused in words, before anything is
 * put on it.
 */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it, vi } from 'vitest';
import { TabtuneError } from '../base/errors';
import { defaultConfig } from '../testing/settings';
import { buildModel } from './build-model';
import { encoderSpec } from './models';
import { openInNode } from '../testing/node-backends';
import { checkpoint, CONFIG } from '../testing/checkpoint';

const LIMIT = 512;
vi.mock(import('./backend/backends'), async (original) => ({ ...(await original()), maxTensorBytes: () => LIMIT }));

beforeAll(() => openInNode('cpu'));

it('names the tensor, its size and a way out', async () => {
  const { linearModules, headModules } = encoderSpec(CONFIG);
  const { config } = defaultConfig({
    method: 'full',
    hiddenSize: 16,
    trainExamples: 64,
    maxPositions: 24,
    linearModules,
    headModules,
    recipe: null,
  });
  const before = tf.memory().numTensors;
  const refusal = await buildModel({
    config: CONFIG,
    tensors: checkpoint(),
    task: 'single-label',
    labels: ['no', 'yes'],
    training: config,
  }).then(
    () => null,
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(TabtuneError);
  const { message, place, fix } = refusal as TabtuneError;
  expect(message).toMatch(/position_embeddings/);
  expect(place?.tensor).toMatch(/position_embeddings/);
  expect(fix).toMatch(/WebAssembly/);
  expect(tf.memory().numTensors).toBe(before);
});
