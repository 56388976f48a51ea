/** Times one full fine-tuning step of a MiniLM-shaped encoder: 6 layers, hidden 384, 12 heads, feed-forward 1536. */
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendName } from '../src/domain/device';
import { defaultConfig } from '../src/domain/training-config';
import { fromFloat32 } from '../src/formats/dtype';
import { memoryBytes, openBackend } from '../src/engine/backend/backends';
import { buildModel } from '../src/engine/build-model';
import { AdamW } from '../src/engine/optimizer';
import { CONFIG, LABELS, minilmBatch, minilmWeights } from './lib/minilm';
import { median } from './lib/timing';

export interface StepTiming {
  device: string;
  batch: number;
  length: number;
  milliseconds: number[];
  median: number;
  least: number;
  forwardBackwardMedian: number;
  memoryBytes: number;
}

/** Runs `steps` steps after one to warm up. */
export async function timeSteps(backend: BackendName, steps: number, batch: number, length: number): Promise<StepTiming> {
  const { name } = await openBackend(backend, { wasmPath: join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/') });
  const tensors = new Map(minilmWeights().map(({ name, shape, values }) => [name, fromFloat32(name, [...shape], values)]));
  const { config } = defaultConfig({ method: 'full', hiddenSize: 384, trainExamples: 700, maxPositions: 512, linearModules: [], headModules: [], recipe: null });
  const model = await buildModel({ config: CONFIG, tensors, task: 'single-label', labels: LABELS, training: config });
  const optimizer = new AdamW(model.trainedParameters(), { weightDecay: 0.01, maxGradNorm: 1 });
  const { ids, labels: targets } = minilmBatch(batch, length);
  const input = { batch, length, ids, mask: new Int32Array(batch * length).fill(1), typeIds: null };
  const whole: number[] = [];
  const passes: number[] = [];
  for (let step = 0; step <= steps; step++) {
    const start = performance.now();
    const { gradients } = await model.lossAndGradients([{ input, targets }], { classWeights: null, labelSmoothing: 0 }, { seed: 1, step });
    const between = performance.now();
    await optimizer.step(gradients, 1e-4);
    // The update is only submitted on WebGPU: reading a weight waits for it.
    const sum = tf.tidy(() => tf.sum(model.trainedParameters().at(-1)?.tensor ?? 0));
    await sum.data();
    sum.dispose();
    if (step === 0) continue;
    passes.push(between - start);
    whole.push(performance.now() - start);
  }
  return { device: name, batch, length, milliseconds: whole, median: median(whole), least: Math.min(...whole), forwardBackwardMedian: median(passes), memoryBytes: memoryBytes() };
}
