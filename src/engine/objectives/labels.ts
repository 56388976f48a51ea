/** What losses over labels have in common: logits [N, outputs] against the labels of N rows, as numbers. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Objective } from './objective';

/** Class indices, multi-hot rows one after the other, or values. */
export type Targets = Int32Array | Float32Array;

export type LabelObjective<T extends Targets = Targets> = Objective<tf.Tensor2D, T>;

export interface LabelLossOptions {
  /** Weight a class, or null. */
  classWeights: Float32Array | null;
  labelSmoothing: number;
}
