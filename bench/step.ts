/** Times one fine-tuning step of a MiniLM-shaped encoder: 6 layers, hidden 384, 12 heads, feed-forward 1536. */
import { join } from 'node:path';
import type { BackendName } from '../src/domain/device';
import { memoryBytes, openBackend } from '../src/engine/backend/backends';
import { stepperFor } from '../src/engine/training/stepper';
import { minilmStep } from './lib/minilm-step';
import { median } from './lib/timing';

export interface StepTiming {
  device: string;
  batch: number;
  length: number;
  method: 'full' | 'lora';
  milliseconds: number[];
  median: number;
  least: number;
  /** Until a step is on its way; off the GPU that is most of it. */
  scriptMedian: number;
  /** Of a recorded step, and why it was not recorded; null off the GPU. */
  dispatches: number | null;
  notRecorded: string | null;
  memoryBytes: number;
  /** Of every step, those of the warm-up among them. */
  losses: number[];
}

/** On the GPU the first is recorded; the second is replayed with what it makes new. */
const WARM_UP = 2;

/** Runs `steps` steps as the training loop does, each waited for. */
export async function timeSteps(
  backend: BackendName,
  steps: number,
  batch: number,
  length: number,
  method: 'full' | 'lora',
): Promise<StepTiming> {
  const { name } = await openBackend(backend, {
    wasmPath: join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/'),
  });
  const { model, optimizer, prepare } = await minilmStep(batch, length, method);
  const stepper = stepperFor({ weights: model, extras: [] }, optimizer);
  const whole: number[] = [];
  const script: number[] = [];
  const losses: number[] = [];
  for (let step = -WARM_UP; step < steps; step++) {
    const start = performance.now();
    const taken = stepper.take(prepare(step + WARM_UP), 1e-4);
    const between = performance.now();
    losses.push((await taken).loss);
    if (step < 0) continue;
    script.push(between - start);
    whole.push(performance.now() - start);
  }
  const { recorded } = stepper;
  return {
    device: name,
    batch,
    length,
    method,
    milliseconds: whole,
    median: median(whole),
    least: Math.min(...whole),
    scriptMedian: median(script),
    dispatches: recorded?.dispatches ?? null,
    notRecorded: recorded?.reason ?? null,
    memoryBytes: memoryBytes(),
    losses,
  };
}
