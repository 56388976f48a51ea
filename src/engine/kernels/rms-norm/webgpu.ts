/** RMS norm on WebGPU: a thread a row, and a thread a column for the gradient of gamma. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { bindings, f32, gpuRun, MAIN, threads, u32 } from '../../backend/gpu-run';
import type { RmsNormalized } from './reference';

const FORWARD = /* wgsl */ `
${bindings(['x', 'gamma'], ['y', 'inverse'], 'rows: u32, width: u32, epsilon: f32')}
${MAIN}
  if (index >= u.rows) { return; }
  let at = index * u.width;
  var squares = 0.0;
  for (var j = 0u; j < u.width; j++) { let value = x[at + j]; squares += value * value; }
  let factor = 1.0 / sqrt(squares / f32(u.width) + u.epsilon);
  inverse[index] = factor;
  for (var j = 0u; j < u.width; j++) { y[at + j] = x[at + j] * factor * gamma[j]; }
}`;

/** x [N, H], gamma [H]. */
export function forward(gpu: WebGPUBackend, x: tf.Tensor2D, gamma: tf.Tensor1D, epsilon: number): RmsNormalized {
  const [rows, width] = x.shape;
  const uniforms = [u32(rows), u32(width), f32(epsilon)];
  const [y, inverse] = gpuRun(gpu, { code: FORWARD, inputs: [x, gamma], outputs: [x.shape, [rows, 1]], uniforms, workgroups: threads(rows) });
  return { y: y as tf.Tensor2D, inverse: inverse as tf.Tensor2D };
}

const INPUT_GRADIENT = /* wgsl */ `
${bindings(['dy', 'x', 'inverse', 'gamma'], ['dx'], 'rows: u32, width: u32')}
${MAIN}
  if (index >= u.rows) { return; }
  let at = index * u.width;
  let factor = inverse[index];
  var along = 0.0;
  for (var j = 0u; j < u.width; j++) { along += dy[at + j] * gamma[j] * x[at + j]; }
  along *= factor * factor / f32(u.width);
  for (var j = 0u; j < u.width; j++) { dx[at + j] = (dy[at + j] * gamma[j] - x[at + j] * along) * factor; }
}`;

export function inputGradient(gpu: WebGPUBackend, dy: tf.Tensor2D, x: tf.Tensor2D, inverse: tf.Tensor2D, gamma: tf.Tensor1D): tf.Tensor2D {
  const [rows, width] = dy.shape;
  const run = { code: INPUT_GRADIENT, inputs: [dy, x, inverse, gamma], outputs: [dy.shape], uniforms: [u32(rows), u32(width)], workgroups: threads(rows) };
  return gpuRun(gpu, run)[0] as tf.Tensor2D;
}

const GAMMA_GRADIENT = /* wgsl */ `
${bindings(['dy', 'x', 'inverse'], ['dGamma'], 'rows: u32, width: u32')}
${MAIN}
  if (index >= u.width) { return; }
  var sum = 0.0;
  for (var i = 0u; i < u.rows; i++) { sum += dy[i * u.width + index] * x[i * u.width + index] * inverse[i]; }
  dGamma[index] = sum;
}`;

export function gammaGradient(gpu: WebGPUBackend, dy: tf.Tensor2D, x: tf.Tensor2D, inverse: tf.Tensor2D): tf.Tensor1D {
  const [rows, width] = dy.shape;
  const run = { code: GAMMA_GRADIENT, inputs: [dy, x, inverse], outputs: [[width]], uniforms: [u32(rows), u32(width)], workgroups: threads(width) };
  return gpuRun(gpu, run)[0] as tf.Tensor1D;
}
