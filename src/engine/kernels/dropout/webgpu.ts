/** Dropout on WebGPU: the decision is computed where it is needed, nothing is uploaded. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { bindings, DROPOUT, f32, gpuRun, MAIN, threads, u32, type Uniform } from '../../backend/gpu-run';
import { dropThreshold, type DropoutKey } from './mask';

/** Key, threshold and factor as every shader with dropout takes them. */
export const dropoutUniforms = (drop: DropoutKey): Uniform[] => [
  drop.rate === 0 ? u32(0) : u32(() => drop.key),
  u32(dropThreshold(drop.rate)),
  f32(1 / (1 - drop.rate)),
];
export const DROPOUT_FIELDS = 'key: u32, threshold: u32, keep: f32';

const SCALE = /* wgsl */ `
${bindings(['x'], ['y'], `${DROPOUT_FIELDS}, size: u32`)}
${DROPOUT}
${MAIN}
  if (index >= u.size) { return; }
  y[index] = x[index] * dropoutFactor(u.key, u.threshold, u.keep, index);
}`;

export function scale(gpu: WebGPUBackend, x: tf.Tensor, key: DropoutKey): tf.Tensor {
  const uniforms = [...dropoutUniforms(key), u32(x.size)];
  return gpuRun(gpu, { code: SCALE, inputs: [x], outputs: [x.shape], uniforms, workgroups: threads(x.size) })[0];
}
