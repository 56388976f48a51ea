/** Times one full fine-tuning step of a MiniLM-shaped encoder: 6 layers, hidden 384, 12 heads, feed-forward 1536. */
import { join } from 'node:path';
import type { BackendName } from '../src/domain/device';
import { defaultConfig } from '../src/domain/training-config';
import { fromFloat32 } from '../src/formats/dtype';
import { memoryBytes, openBackend } from '../src/engine/backend/backends';
import { buildModel } from '../src/engine/build-model';
import { AdamW } from '../src/engine/optimizer';
import { stepperFor } from '../src/engine/stepper';
import { CONFIG, LABELS, minilmBatch, minilmWeights } from './lib/minilm';
import { median } from './lib/timing';

export interface StepTiming {
  device: string;
  batch: number;
  length: number;
  milliseconds: number[];
  median: number;
  least: number;
  /** Until a step is on its way; off the GPU that is most of it. */
  scriptMedian: number;
  /** Of a recorded step, and why it was not recorded; null off the GPU. */
  dispatches: number | null;
  notRecorded: string | null;
  memoryBytes: number;
}

/** On the GPU the first is recorded; the second is replayed with what it makes new. */
const WARM_UP = 2;

/** Runs `steps` steps as the training loop does, each waited for. */
export async function timeSteps(backend: BackendName, steps: number, batch: number, length: number): Promise<StepTiming> {
  const { name } = await openBackend(backend, { wasmPath: join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/') });
  const tensors = new Map(minilmWeights().map(({ name, shape, values }) => [name, fromFloat32(name, [...shape], values)]));
  const { config } = defaultConfig({ method: 'full', hiddenSize: 384, trainExamples: 700, maxPositions: 512, linearModules: [], headModules: [], recipe: null });
  const model = await buildModel({ config: CONFIG, tensors, task: 'single-label', labels: LABELS, training: config });
  const optimizer = new AdamW(model.trainedParameters(), { weightDecay: 0.01, maxGradNorm: 1 });
  const { ids, labels: targets } = minilmBatch(batch, length);
  const input = { batch, length, ids, mask: new Int32Array(batch * length).fill(1), typeIds: null };
  const stepper = stepperFor({ weights: model, outcome: (loss) => ({ loss }) }, optimizer);
  const whole: number[] = [];
  const script: number[] = [];
  for (let step = -WARM_UP; step < steps; step++) {
    const start = performance.now();
    const prepared = model.prepare([{ input, targets }], { classWeights: null, labelSmoothing: 0 }, { seed: 1, step: step + WARM_UP });
    const taken = stepper.take(prepared, 1e-4);
    const between = performance.now();
    await taken;
    if (step < 0) continue;
    script.push(between - start);
    whole.push(performance.now() - start);
  }
  const { recorded } = stepper;
  return { device: name, batch, length, milliseconds: whole, median: median(whole), least: Math.min(...whole), scriptMedian: median(script), dispatches: recorded?.dispatches ?? null, notRecorded: recorded?.reason ?? null, memoryBytes: memoryBytes() };
}
