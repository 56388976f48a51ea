/** AdamW's update in place, with the moments beside the weights in wasm's memory. */
import * as tf from '@tensorflow/tfjs-core';
import type { WasmKernels } from '../../wasm/kernels';
import { momentsFrom as hostMoments, PIECE } from './host';
import type { AdamWStep } from './step';

/** The moments of one parameter, and a word a piece of it that says whether it ever had a gradient. */
export interface WasmMoments {
  first: tf.Tensor;
  second: tf.Tensor;
  moved: tf.Tensor;
}

/** Values that one partial sum of squares covers; assembly/adamw.ts. */
const RUN = 16384;

export const newMoments = (shape: readonly number[], size: number): WasmMoments => ({
  first: tf.keep(tf.zeros([...shape])),
  second: tf.keep(tf.zeros([...shape])),
  moved: tf.keep(tf.zeros([Math.ceil(size / PIECE)], 'int32')),
});

export function momentsFrom(shape: readonly number[], first: Float32Array, second: Float32Array): WasmMoments {
  const { moved } = hostMoments(first, second);
  const kept = (values: Float32Array): tf.Tensor => tf.keep(tf.tensor(values, [...shape], 'float32'));
  return { first: kept(first), second: kept(second), moved: tf.keep(tf.tensor1d(Int32Array.from(moved), 'int32')) };
}

/** Weight and moments are updated where they lie. */
export function update(
  kernels: WasmKernels,
  weight: tf.Tensor,
  gradient: tf.Tensor,
  { first, second, moved }: WasmMoments,
  scale: number,
  { learningRate, beta1, beta2, epsilon, decay, correction1, correction2 }: AdamWStep,
): void {
  const reals = [
    scale,
    beta1,
    1 - beta1,
    beta2,
    1 - beta2,
    1 - learningRate * decay,
    learningRate / correction1,
    1 / Math.sqrt(correction2),
    epsilon,
  ];
  kernels.launch('adamw', moved.size, [weight, gradient, first, second, moved, weight.size], { reals, grain: 64 });
}

export const sumOfSquares = (kernels: WasmKernels, gradient: tf.Tensor): number =>
  kernels.sum('sumOfSquares', Math.ceil(gradient.size / RUN), [gradient, gradient.size], { grain: 2 });
