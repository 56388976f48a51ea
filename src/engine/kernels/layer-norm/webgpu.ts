/** Layer norm on WebGPU: a thread a row, and a thread a column for the gradients of gamma and beta. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { bindings, f32, gpuRun, MAIN, threads, u32 } from '../../backend/gpu-run';
import type { Normalized } from './reference';

const FORWARD = /* wgsl */ `
${bindings(['x', 'gamma', 'beta'], ['y', 'normalized', 'inverse'], 'rows: u32, width: u32, epsilon: f32')}
${MAIN}
  if (index >= u.rows) { return; }
  let at = index * u.width;
  var sum = 0.0;
  for (var j = 0u; j < u.width; j++) { sum += x[at + j]; }
  let mean = sum / f32(u.width);
  var squares = 0.0;
  for (var j = 0u; j < u.width; j++) { let d = x[at + j] - mean; squares += d * d; }
  let factor = 1.0 / sqrt(squares / f32(u.width) + u.epsilon);
  inverse[index] = factor;
  for (var j = 0u; j < u.width; j++) {
    let value = (x[at + j] - mean) * factor;
    normalized[at + j] = value;
    y[at + j] = value * gamma[j] + beta[j];
  }
}`;

/** x [N, H], gamma [H], beta [H]. */
export function forward(gpu: WebGPUBackend, x: tf.Tensor2D, gamma: tf.Tensor1D, beta: tf.Tensor1D, epsilon: number): Normalized {
  const [rows, width] = x.shape;
  const [y, normalized, inverseDeviation] = gpuRun(gpu, {
    code: FORWARD,
    inputs: [x, gamma, beta],
    outputs: [x.shape, x.shape, [rows, 1]],
    uniforms: [u32(rows), u32(width), f32(epsilon)],
    workgroups: threads(rows),
  }) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  return { y, normalized, inverseDeviation };
}

const INPUT_GRADIENT = /* wgsl */ `
${bindings(['dy', 'normalized', 'inverse', 'gamma'], ['dx'], 'rows: u32, width: u32')}
${MAIN}
  if (index >= u.rows) { return; }
  let at = index * u.width;
  var sum = 0.0;
  var along = 0.0;
  for (var j = 0u; j < u.width; j++) {
    let scaled = dy[at + j] * gamma[j];
    sum += scaled;
    along += scaled * normalized[at + j];
  }
  sum /= f32(u.width);
  along /= f32(u.width);
  for (var j = 0u; j < u.width; j++) { dx[at + j] = (dy[at + j] * gamma[j] - sum - normalized[at + j] * along) * inverse[index]; }
}`;

const SCALE_GRADIENTS = /* wgsl */ `
${bindings(['dy', 'normalized'], ['dGamma', 'dBeta'], 'rows: u32, width: u32')}
${MAIN}
  if (index >= u.width) { return; }
  var gammaSum = 0.0;
  var betaSum = 0.0;
  for (var i = 0u; i < u.rows; i++) {
    let g = dy[i * u.width + index];
    betaSum += g;
    gammaSum += g * normalized[i * u.width + index];
  }
  dGamma[index] = gammaSum;
  dBeta[index] = betaSum;
}`;

/** Gradients of x, gamma and beta. */
export function backward(gpu: WebGPUBackend, dy: tf.Tensor2D, normalized: tf.Tensor2D, inverseDeviation: tf.Tensor2D, gamma: tf.Tensor1D): tf.Tensor[] {
  const [rows, width] = dy.shape;
  const uniforms = [u32(rows), u32(width)];
  const inputs = [dy, normalized, inverseDeviation, gamma];
  return [
    ...gpuRun(gpu, { code: INPUT_GRADIENT, inputs, outputs: [dy.shape], uniforms, workgroups: threads(rows) }),
    ...gpuRun(gpu, { code: SCALE_GRADIENTS, inputs: [dy, normalized], outputs: [[width], [width]], uniforms, workgroups: threads(width) }),
  ];
}
