/** Tensor types by shape: what is made with a known number of axes is typed so, without a cast at each place. */
import * as tf from '@tensorflow/tfjs-core';
import { assert } from '../../base/assert';

/** The tensor type of a shape. */
export type Shaped<S extends readonly number[]> = S extends readonly []
  ? tf.Scalar
  : S extends readonly [number]
    ? tf.Tensor1D
    : S extends readonly [number, number]
      ? tf.Tensor2D
      : S extends readonly [number, number, number]
        ? tf.Tensor3D
        : S extends readonly [number, number, number, number]
          ? tf.Tensor4D
          : tf.Tensor;

/** The same of several shapes. */
export type AllShaped<S extends readonly (readonly number[])[]> = { -readonly [K in keyof S]: Shaped<S[K]> };

/** The tensor that tfjs makes of `info`, which a backend has just made with this shape. */
export function shaped<const S extends readonly number[]>(info: tf.TensorInfo, shape: S): Shaped<S> {
  assert(info.shape.length === shape.length, 'a tensor of the shape asked for');
  return tf.engine().makeTensorFromTensorInfo(info) as Shaped<S>;
}

/** The tensor, which has two axes. */
export function matrixOf(tensor: tf.Tensor): tf.Tensor2D {
  assert(hasAxes(tensor, 2), `${tensor.rank} axes where two are expected`);
  return tensor;
}

/** The two tensors of a list, of two axes each. */
export function pairOf([first, second, ...others]: readonly tf.Tensor[]): [tf.Tensor2D, tf.Tensor2D] {
  assert(first !== undefined && second !== undefined && others.length === 0, 'two tensors are expected');
  return [matrixOf(first), matrixOf(second)];
}

/** The tensor, which has one axis. */
export function vectorOf(tensor: tf.Tensor): tf.Tensor1D {
  assert(hasAxes(tensor, 1), `${tensor.rank} axes where one is expected`);
  return tensor;
}

type Axes = { 1: tf.Tensor1D; 2: tf.Tensor2D };
const hasAxes = <N extends keyof Axes>(tensor: tf.Tensor, axes: N): tensor is Axes[N] => tensor.rank === axes;

/** `shaped` of each, as a tuple. */
export const allShaped = <const S extends readonly (readonly number[])[]>(
  shapes: S,
  make: (shape: number[]) => tf.TensorInfo,
): AllShaped<S> => shapes.map((shape) => shaped(make([...shape]), shape)) as AllShaped<S>;
