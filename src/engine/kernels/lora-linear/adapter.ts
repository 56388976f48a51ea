/** What an adapted layer is made of, and its gradients. */
import type * as tf from '@tensorflow/tfjs-core';
import type { DropoutKey } from '../dropout/mask';

/** What is learned beside a layer. */
export interface Adapter {
  /** [r, in] */
  a: tf.Tensor2D;
  /** [out, r] */
  b: tf.Tensor2D;
  scaling: number;
  /** Of the adapter's input. */
  drop: DropoutKey;
}

/** Of layers that have one input, or follow one another. */
export type Adapters = readonly [Adapter, ...Adapter[]];

/** Gradients of x and of the adapter's matrices. */
export interface AdapterGradients {
  dx: tf.Tensor2D;
  dA: tf.Tensor2D;
  dB: tf.Tensor2D;
}
