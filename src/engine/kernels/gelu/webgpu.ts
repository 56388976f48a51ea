/** GELU and its derivative on WebGPU, a thread an element. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { bindings, gpuRun, MAIN, threads, u32 } from '../../backend/gpu-run';
import type { GeluForm } from './reference';

/** Normal distribution by Abramowitz & Stegun 7.1.26, error below 1.5e-7. */
const ERF = /* wgsl */ `
  let z = abs(v) * 0.70710678118;
  let bell = exp(-z * z);
  let t = 1.0 / (1.0 + 0.3275911 * z);
  let tail = 0.5 * bell * t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let distribution = select(1.0 - tail, tail, v < 0.0);
  y[index] = v * distribution;
  derivative[index] = distribution + v * bell * 0.39894228040;`;

/** tanh is clamped: some drivers overflow in it for large arguments. */
const TANH = /* wgsl */ `
  let bent = tanh(clamp(0.79788456080 * v * (1.0 + 0.044715 * v * v), -15.0, 15.0));
  let half = 0.5 * (1.0 + bent);
  y[index] = v * half;
  derivative[index] = half + 0.5 * v * (1.0 - bent * bent) * 0.79788456080 * (1.0 + 0.134145 * v * v);`;

const shader = (body: string): string => /* wgsl */ `
${bindings(['x'], ['y', 'derivative'], 'size: u32')}
${MAIN}
  if (index >= u.size) { return; }
  let v = x[index];
  ${body}
}`;

const SHADERS: Record<GeluForm, string> = { erf: shader(ERF), tanh: shader(TANH) };

export function forward(gpu: WebGPUBackend, x: tf.Tensor2D, form: GeluForm): { y: tf.Tensor2D; derivative: tf.Tensor2D } {
  const run = { code: SHADERS[form], inputs: [x], outputs: [x.shape, x.shape], uniforms: [u32(x.size)], workgroups: threads(x.size) };
  const [y, derivative] = gpuRun(gpu, run) as [tf.Tensor2D, tf.Tensor2D];
  return { y, derivative };
}
