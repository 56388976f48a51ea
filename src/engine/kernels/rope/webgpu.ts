/** Rotary position embedding on WebGPU, a thread a pair of values. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { fed } from '../../backend/gpu-backend';
import { bindings, f32, gpuRun, MAIN, threads, u32 } from '../../backend/gpu-run';
import type { Angles } from './reference';

const ROTATE = /* wgsl */ `
${bindings(['x', 'cosines', 'sines'], ['y'], 'pairs: u32, half: u32, width: u32, direction: f32')}
${MAIN}
  if (index >= u.pairs) { return; }
  let row = index / (u.width / 2u);
  let d = index % u.half;
  let first = (index / u.half) * u.half * 2u + d;
  let second = first + u.half;
  let c = cosines[row * u.half + d];
  let s = sines[row * u.half + d] * u.direction;
  y[first] = x[first] * c - x[second] * s;
  y[second] = x[second] * c + x[first] * s;
}`;

export function rotate(
  gpu: WebGPUBackend,
  x: tf.Tensor2D,
  { cos, sin }: Angles,
  headSize: number,
  direction: 1 | -1,
): tf.Tensor2D {
  const pairs = x.size / 2;
  const inputs = [x, fed([cos.length], 'float32', () => cos, cos), fed([sin.length], 'float32', () => sin, sin)];
  const uniforms = [u32(pairs), u32(headSize / 2), u32(x.shape[1]), f32(direction)];
  return gpuRun(gpu, { code: ROTATE, inputs, outputs: [x.shape], uniforms, workgroups: threads(pairs) })[0];
}
