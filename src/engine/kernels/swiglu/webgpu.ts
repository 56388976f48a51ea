/** silu(gate) · up on WebGPU, a thread an element. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { bindings, gpuRun, MAIN, threads, u32 } from '../../backend/gpu-run';

const FORWARD = /* wgsl */ `
${bindings(['gate', 'up'], ['y'], 'size: u32')}
${MAIN}
  if (index >= u.size) { return; }
  let x = gate[index];
  y[index] = x / (1.0 + exp(-x)) * up[index];
}`;

export function forward(gpu: WebGPUBackend, gate: tf.Tensor2D, up: tf.Tensor2D): tf.Tensor2D {
  const { shape, size } = gate;
  return gpuRun(gpu, {
    code: FORWARD,
    inputs: [gate, up],
    outputs: [shape],
    uniforms: [u32(size)],
    workgroups: threads(size),
  })[0];
}

const BACKWARD = /* wgsl */ `
${bindings(['dy', 'gate', 'up'], ['dGate', 'dUp'], 'size: u32')}
${MAIN}
  if (index >= u.size) { return; }
  let x = gate[index];
  let sigmoid = 1.0 / (1.0 + exp(-x));
  dGate[index] = dy[index] * up[index] * sigmoid * (1.0 + x * (1.0 - sigmoid));
  dUp[index] = dy[index] * x * sigmoid;
}`;

/** Gradients of gate and up. */
export function backward(
  gpu: WebGPUBackend,
  dy: tf.Tensor2D,
  gate: tf.Tensor2D,
  up: tf.Tensor2D,
): [tf.Tensor2D, tf.Tensor2D] {
  const { shape, size } = gate;
  return gpuRun(gpu, {
    code: BACKWARD,
    inputs: [dy, gate, up],
    outputs: [shape, shape],
    uniforms: [u32(size)],
    workgroups: threads(size),
  });
}
