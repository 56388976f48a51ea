/** AdamW's update of all parameters, with the moments where the backend can reach them best. */
import * as tf from '@tensorflow/tfjs-core';
import { fromGpu } from '../../backend/gpu-device';
import { hostMemory } from '../../backend/host-memory';
import { wasmKernels } from '../../wasm/kernels';
import * as host from './host';
import type { AdamWStep } from './step';
import * as reference from './reference';
import * as wasm from './wasm';

/** First and second moment of one parameter: JavaScript arrays, or tensors. */
export type Moments =
  | ({ kind: 'host' } & host.HostMoments)
  | ({ kind: 'wasm' } & wasm.WasmMoments)
  | { kind: 'tensors'; first: tf.Tensor; second: tf.Tensor };

export function newMoments(shape: readonly number[]): Moments {
  const size = tf.util.sizeFromShape([...shape]);
  const kernels = wasmKernels();
  if (kernels) return { kind: 'wasm', ...wasm.newMoments(shape, size) };
  if (hostMemory()) return { kind: 'host', ...host.newMoments(size) };
  return { kind: 'tensors', first: tf.keep(tf.zeros([...shape])), second: tf.keep(tf.zeros([...shape])) };
}

/** Both moments of one parameter, row-major. */
export interface MomentValues {
  first: Float32Array;
  second: Float32Array;
}

/** Copies of the moments as they are now. */
export async function readMoments(moments: Moments): Promise<MomentValues> {
  if (moments.kind === 'host') return { first: moments.first.slice(), second: moments.second.slice() };
  const [first, second] = await fromGpu(
    Promise.all([moments.first.data<'float32'>(), moments.second.data<'float32'>()]),
  );
  return { first: first.slice(), second: second.slice() };
}

/** Moments that go on from these values, which are copied. */
export function momentsFrom(shape: readonly number[], { first, second }: MomentValues): Moments {
  const kernels = wasmKernels();
  if (kernels) return { kind: 'wasm', ...wasm.momentsFrom(shape, first, second) };
  if (hostMemory()) return { kind: 'host', ...host.momentsFrom(first, second) };
  const tensor = (values: Float32Array): tf.Tensor => tf.keep(tf.tensor(values.slice(), [...shape], 'float32'));
  return { kind: 'tensors', first: tensor(first), second: tensor(second) };
}

export function disposeMoments(moments: Moments): void {
  if (moments.kind === 'wasm') tf.dispose([moments.first, moments.second, moments.moved]);
  if (moments.kind === 'tensors') tf.dispose([moments.first, moments.second]);
}

/** A parameter to be updated. `replace` takes over a new tensor; it is not called where the update happens in place. */
export interface Update {
  weight: tf.Tensor;
  replace: (next: tf.Tensor) => void;
  gradient: tf.Tensor;
  moments: Moments;
  step: AdamWStep;
}

/**
 * Brings weights and moments up to date (Loshchilov & Hutter, arXiv:1711.05101, as torch.optim.AdamW); on WebGPU
 * `webgpu.updateAll` does.
 * @param scale factor on the gradients, from clipping by the global norm
 */
export function adamw(updates: readonly Update[], scale: number): void {
  const memory = hostMemory();
  const kernels = wasmKernels();
  for (const { weight, replace, gradient, moments, step } of updates) {
    if (kernels && moments.kind === 'wasm') wasm.update(kernels, weight, gradient, moments, scale, step);
    else if (memory && moments.kind === 'host')
      replace(tf.keep(host.update(memory, weight, gradient, moments, scale, step)));
    else replace(tf.tidy(() => referenceUpdate(weight, gradient, moments, scale, step)));
  }
}

/** Moments that are tensors, as on WebGPU. */
export function tensorsOf(moments: Moments): { first: tf.Tensor; second: tf.Tensor } {
  if (moments.kind === 'host') throw new Error('moments of a host backend met on the GPU');
  return moments;
}

function referenceUpdate(
  weight: tf.Tensor,
  gradient: tf.Tensor,
  moments: Moments,
  scale: number,
  step: AdamWStep,
): tf.Tensor {
  const kept = tensorsOf(moments);
  const next = reference.update(weight, gradient, kept.first, kept.second, scale, step);
  tf.dispose([kept.first, kept.second]);
  kept.first = tf.keep(next.first);
  kept.second = tf.keep(next.second);
  return tf.keep(next.weight);
}

/** Global L2 norm over all gradients; on WebGPU part of the update. */
export async function globalNorm(gradients: readonly tf.Tensor[]): Promise<number> {
  const kernels = wasmKernels();
  if (kernels) return Math.sqrt(gradients.reduce((sum, gradient) => sum + wasm.sumOfSquares(kernels, gradient), 0));
  const memory = hostMemory();
  if (memory) return Math.sqrt(gradients.reduce((sum, gradient) => sum + host.sumOfSquares(memory, gradient), 0));
  const sums = tf.tidy(() => tf.stack(gradients.map(reference.sumOfSquares)));
  const values = await sums.data<'float32'>();
  sums.dispose();
  return Math.sqrt(values.reduce((sum, value) => sum + value, 0));
}
