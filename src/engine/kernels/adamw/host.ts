/** One AdamW update as a loop. The weight goes to a new tensor: tfjs-wasm keeps packed copies of matmul operands by tensor. */
import type * as tf from '@tensorflow/tfjs-core';
import { allocate, type HostMemory } from '../../backend/host-memory';
import type { AdamWStep } from './op';

/** Returns the new weight; the moments are updated in place. */
export function update(
  memory: HostMemory,
  weight: tf.Tensor,
  gradient: tf.Tensor,
  first: Float32Array,
  second: Float32Array,
  scale: number,
  { learningRate, beta1, beta2, epsilon, decay, correction1, correction2 }: AdamWStep,
): tf.Tensor {
  const [out] = allocate(memory, weight.shape);
  const [ws, gs, next] = [memory.view(weight), memory.view(gradient), out.values];
  const kept = 1 - learningRate * decay;
  const rate = learningRate / correction1;
  const root = 1 / Math.sqrt(correction2);
  for (let i = 0; i < ws.length; i++) {
    const g = gs[i]! * scale;
    const m = (first[i] = beta1 * first[i]! + (1 - beta1) * g);
    const v = (second[i] = beta2 * second[i]! + (1 - beta2) * g * g);
    next[i] = ws[i]! * kept - (rate * m) / (Math.sqrt(v) * root + epsilon);
  }
  return out.tensor;
}

export function sumOfSquares(memory: HostMemory, gradient: tf.Tensor): number {
  const values = memory.view(gradient);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}
