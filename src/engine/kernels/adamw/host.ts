/**
 * One AdamW update as a loop in JavaScript. The weight goes to a new tensor: tfjs-wasm keeps packed copies of matmul
 * operands by tensor.
 */
import { must } from '../../../base/assert';
import type * as tf from '@tensorflow/tfjs-core';
import { allocate, type HostMemory } from '../../backend/host-memory';
import type { AdamWStep } from './step';

/**
 * Elements that are looked at together: small enough that a row of an embedding which never occurs is found at rest.
 */
export const PIECE = 128;

/** The moments of one parameter, and which pieces of it have ever had a gradient. */
export interface HostMoments {
  first: Float32Array;
  second: Float32Array;
  moved: Uint8Array;
}

export const newMoments = (size: number): HostMoments => ({
  first: new Float32Array(size),
  second: new Float32Array(size),
  moved: new Uint8Array(Math.ceil(size / PIECE)),
});

/**
 * Moments that go on from copies of these values. A piece at rest is one that never had a gradient: both updates come
 * to the same there.
 */
export function momentsFrom(first: Float32Array, second: Float32Array): HostMoments {
  const pieces = Math.ceil(first.length / PIECE);
  const resting = (values: Float32Array, piece: number): boolean =>
    atRest(values, piece * PIECE, Math.min((piece + 1) * PIECE, values.length));
  const moved = Uint8Array.from({ length: pieces }, (_, piece) =>
    resting(first, piece) && resting(second, piece) ? 0 : 1,
  );
  return { first: first.slice(), second: second.slice(), moved };
}

/** Whether all values from `start` to `end` are zero. */
function atRest(values: Float32Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (values[i] !== 0) return false;
  return true;
}

/**
 * Returns the new weight; the moments are updated in place. A piece without a gradient so far has moments of zero and
 * is only decayed, which is what the whole formula comes to there: most rows of an embedding never occur in a small
 * data set.
 */
export function update(
  memory: HostMemory,
  weight: tf.Tensor,
  gradient: tf.Tensor,
  { first, second, moved }: HostMoments,
  scale: number,
  { learningRate, beta1, beta2, epsilon, decay, correction1, correction2 }: AdamWStep,
): tf.Tensor {
  const [out] = allocate(memory, weight.shape);
  const [ws, gs, next] = [memory.view(weight), memory.view(gradient), out.values];
  const kept = 1 - learningRate * decay;
  const rate = learningRate / correction1;
  const root = 1 / Math.sqrt(correction2);
  for (let piece = 0, start = 0; start < ws.length; piece++, start += PIECE) {
    const end = Math.min(start + PIECE, ws.length);
    if (!moved[piece] && atRest(gs, start, end)) {
      for (let i = start; i < end; i++) next[i] = must(ws[i]) * kept;
      continue;
    }
    moved[piece] = 1;
    for (let i = start; i < end; i++) {
      const g = must(gs[i]) * scale;
      const m = (first[i] = beta1 * must(first[i]) + (1 - beta1) * g);
      const v = (second[i] = beta2 * must(second[i]) + (1 - beta2) * g * g);
      next[i] = must(ws[i]) * kept - (rate * m) / (Math.sqrt(v) * root + epsilon);
    }
  }
  return out.tensor;
}

export function sumOfSquares(memory: HostMemory, gradient: tf.Tensor): number {
  const values = memory.view(gradient);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += must(values[i]) * must(values[i]);
  return sum;
}
