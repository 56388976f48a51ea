/**
 * Multi-head self-attention and its gradient on our WebAssembly kernels, a unit of work each (row of the batch, head).
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { WasmKernels } from '../../wasm/kernels';
import { grainOf, type LaunchOptions, type Word } from '../../wasm/launcher';
import { dropThreshold, type DropoutKey } from '../dropout/mask';
import type { AttentionShape } from './reference';

const sizes = ({ length, heads, headSize }: AttentionShape, { rate, key }: DropoutKey): Word[] => [
  length,
  heads,
  headSize,
  key,
  dropThreshold(rate),
];

/** `matrices`: how many length × length matrices a thread needs for itself; `products`: how many a unit computes. */
const options = (
  { length, headSize }: AttentionShape,
  { rate }: DropoutKey,
  matrices: number,
  products: number,
): LaunchOptions => ({
  reals: [1 / Math.sqrt(headSize), 1 / (1 - rate)],
  scratchBytes: 4 * matrices * length * length,
  grain: grainOf(2 * products * length * length * headSize),
});

export function forward(
  kernels: WasmKernels,
  q: tf.Tensor2D,
  k: tf.Tensor2D,
  v: tf.Tensor2D,
  mask: Int32Array,
  shape: AttentionShape,
  drop: DropoutKey,
): { context: tf.Tensor2D; probabilities: tf.Tensor4D } {
  const { batch, length, heads } = shape;
  const context = kernels.allocate(q.shape);
  const probabilities = kernels.allocate([batch, heads, length, length]);
  const words = [q, k, v, context, probabilities, Float32Array.from(mask), 0, 0, 0, ...sizes(shape, drop)];
  kernels.launch('attention', batch * heads, words, options(shape, drop, 1, 2));
  return { context: context, probabilities: probabilities };
}

/** Gradients of q, k and v. */
export function backward(
  kernels: WasmKernels,
  dy: tf.Tensor2D,
  [q, k, v, probabilities]: [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor4D],
  mask: Int32Array,
  shape: AttentionShape,
  drop: DropoutKey,
): [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D] {
  const [dq, dk, dv] = [kernels.allocate(q.shape), kernels.allocate(k.shape), kernels.allocate(v.shape)];
  const words = [q, k, v, dy, probabilities, Float32Array.from(mask), dq, dk, dv, ...sizes(shape, drop)];
  kernels.launch('attentionGradient', shape.batch * shape.heads, words, options(shape, drop, 2, 4));
  return [dq, dk, dv];
}
