/** AdamW's update of one parameter, with its moments where the backend can reach them best. */
import * as tf from '@tensorflow/tfjs-core';
import { hostMemory } from '../../backend/host-memory';
import * as host from './host';
import * as reference from './reference';

/** Constants of one update; the corrections are 1 − βᵗ of step t, counted from 1. */
export interface AdamWStep {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Decoupled weight decay of this parameter. */
  decay: number;
  correction1: number;
  correction2: number;
}

/** First and second moment of one parameter: arrays beside wasm's heap, or tensors on the GPU. */
export type Moments = { kind: 'host'; first: Float32Array; second: Float32Array } | { kind: 'tensors'; first: tf.Tensor; second: tf.Tensor };

export function newMoments(shape: readonly number[]): Moments {
  const size = tf.util.sizeFromShape([...shape]);
  if (hostMemory()) return { kind: 'host', first: new Float32Array(size), second: new Float32Array(size) };
  return { kind: 'tensors', first: tf.keep(tf.zeros([...shape])), second: tf.keep(tf.zeros([...shape])) };
}

export function disposeMoments(moments: Moments): void {
  if (moments.kind === 'tensors') tf.dispose([moments.first, moments.second]);
}

/**
 * The updated weight, kept; `moments` are brought up to date (Loshchilov & Hutter, arXiv:1711.05101, as torch.optim.AdamW).
 * @param scale factor on the gradient, from clipping by the global norm
 */
export function adamw(weight: tf.Tensor, gradient: tf.Tensor, moments: Moments, scale: number, step: AdamWStep): tf.Tensor {
  if (moments.kind === 'host') {
    const memory = hostMemory();
    if (!memory) throw new Error('moments live in host memory but the backend does not');
    return tf.keep(host.update(memory, weight, gradient, moments.first, moments.second, scale, step));
  }
  return tf.tidy(() => {
    const next = reference.update(weight, gradient, moments.first, moments.second, scale, step);
    tf.dispose([moments.first, moments.second]);
    moments.first = tf.keep(next.first);
    moments.second = tf.keep(next.second);
    return tf.keep(next.weight);
  });
}

/** Global L2 norm over all gradients. */
export async function globalNorm(gradients: readonly tf.Tensor[]): Promise<number> {
  const memory = hostMemory();
  if (memory) return Math.sqrt(gradients.reduce((sum, gradient) => sum + host.sumOfSquares(memory, gradient), 0));
  const sums = tf.tidy(() => tf.stack(gradients.map(reference.sumOfSquares)));
  const values = await sums.data();
  sums.dispose();
  let total = 0;
  for (const value of values) total += value;
  return Math.sqrt(total);
}
