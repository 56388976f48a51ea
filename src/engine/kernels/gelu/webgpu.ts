/** GELU and its derivative on WebGPU, a thread an element. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { bindings, gpuRun, MAIN, threads, u32 } from '../../backend/gpu-run';
import type { GeluForm } from './reference';
import { geluFunction } from './wgsl';

const shader = (form: GeluForm): string => /* wgsl */ `
${bindings(['x'], ['y', 'derivative'], 'size: u32')}
${geluFunction(form, 'f32')}
${MAIN}
  if (index >= u.size) { return; }
  let both = gelu(x[index]);
  y[index] = both.value;
  derivative[index] = both.slope;
}`;

const SHADERS: Record<GeluForm, string> = { erf: shader('erf'), tanh: shader('tanh') };

export function forward(
  gpu: WebGPUBackend,
  x: tf.Tensor2D,
  form: GeluForm,
): { y: tf.Tensor2D; derivative: tf.Tensor2D } {
  const [y, derivative] = gpuRun(gpu, {
    code: SHADERS[form],
    inputs: [x],
    outputs: [x.shape, x.shape],
    uniforms: [u32(x.size)],
    workgroups: threads(x.size),
  });
  return { y, derivative };
}
