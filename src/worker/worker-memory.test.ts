/**
 * A run for which WebAssembly's memory does not suffice: it is refused in words, leaves nothing behind, and a smaller
 * batch is the same run.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { beforeAll, expect, it } from 'vitest';
import { must } from '../base/assert';
import type { TrainEvent } from '../domain/run';
import { smallerBatch } from '../domain/training-config';
import { tensorCount } from '../engine/backend/backends';
import { openInNode } from '../testing/node-backends';
import { Storage } from '../storage/storage';
import { NEVER, newBrowser } from '../testing/browser';
import { config, csv, newClient, SETTINGS, tiny } from '../testing/session';

const ON_WASM = { ...SETTINGS, backendOverride: 'wasm' } as const;

/**
 * Takes all of tfjs's memory but at most `spare` bytes; gives it back when called. The pages are never touched, so they
 * cost the machine nothing.
 */
function fillMemory(spare: number): () => void {
  const { _malloc: allocate, _free: free } = (tf.backend() as BackendWasm).wasm as unknown as {
    _malloc: (bytes: number) => number;
    _free: (address: number) => void;
  };
  const taken: number[] = [];
  for (let bytes = 2 ** 28; bytes > spare;) {
    try {
      taken.push(allocate(bytes));
    } catch {
      bytes /= 2;
    }
  }
  return () => taken.forEach(free);
}

// tfjs's files are found here; the worker finds the backend open.
beforeAll(() => openInNode('wasm'));

it('fails as out of memory, frees what it held, and learns the same rows a step in a smaller batch', async () => {
  const browser = newBrowser();
  const client = newClient(new Storage(browser.files, browser.records), browser.modelFiles, NEVER);
  expect(await client.request('start', ON_WASM)).toMatchObject({ chosen: 'wasm' });
  await client.request('openData', csv(100));
  await client.request('loadModel', tiny());
  const whole = config('full', { epochs: 1, batchSize: 16, gradientAccumulation: 1 });
  const train = (wanted: typeof whole, onTrainEvent: (event: TrainEvent) => void = () => undefined) =>
    client.request('train', { config: wanted, runName: 'moods' }, { onTrainEvent });
  const before = tensorCount();
  let giveBack = null as (() => void) | null;
  // Something else takes the memory amid the run.
  const failed = await train({ ...whole, epochs: 100 }, ({ type }) => {
    if (type === 'step') giveBack ??= fillMemory(2 ** 10);
  }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  must(giveBack, 'a step')();
  expect(failed).toMatchObject({ code: 'out-of-memory', fix: expect.stringContaining('smaller batch') as string });
  expect(tensorCount()).toBe(before);
  const shape = smallerBatch(whole);
  expect(shape).toEqual({ batchSize: 8, gradientAccumulation: 2 });
  const small = await train({ ...whole, ...shape });
  const large = await train(whole);
  expect(small.run.steps.map(({ step, totalSteps, epoch }) => [step, totalSteps, epoch])).toEqual(
    large.run.steps.map(({ step, totalSteps, epoch }) => [step, totalSteps, epoch]),
  );
  small.run.steps.forEach(({ learningRate }, i) => expect(learningRate).toBe(large.run.steps[i]?.learningRate));
});

it('halves a batch, or takes its next smaller share, and never changes the rows a step', () => {
  for (let batchSize = 1; batchSize <= 40; batchSize++)
    for (const gradientAccumulation of [1, 3, 200]) {
      const shape = smallerBatch({ batchSize, gradientAccumulation });
      if (!shape) {
        expect(batchSize === 1 || gradientAccumulation * 2 > 256).toBe(true);
        continue;
      }
      expect(shape.batchSize).toBeLessThan(batchSize);
      expect(shape.batchSize * shape.gradientAccumulation).toBe(batchSize * gradientAccumulation);
      if (batchSize % 2 === 0) expect(shape.batchSize).toBe(batchSize / 2);
    }
});
