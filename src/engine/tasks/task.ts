/** The contract of a task: labels in, loss and probabilities out; one file a task. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Total } from '../kernels/total';
import type { LabelValue, TaskKind } from '../../domain/task';

/** `token` (one label a token) is checked for parity; the page does not offer it yet. */
export type EngineTask = TaskKind | 'token';

/** Labels of a batch as numbers: class indices, multi-hot rows one after the other, or values. */
export type Targets = Int32Array | Float32Array;

export interface LossOptions {
  /** Weight a class, or null. */
  classWeights: Float32Array | null;
  labelSmoothing: number;
}

export interface Task {
  /** Logits a row, given the number of labels. */
  outputs(labels: number): number;
  collate(labels: readonly LabelValue[]): Targets;
  /** What the summed loss of these rows is divided by to be torch's mean. */
  denominator(targets: Targets, outputs: number, options: LossOptions): number;
  /** logits [N, outputs] → scalar, summed over rows and divided by the total. */
  loss(logits: tf.Tensor2D, targets: Targets, options: LossOptions, total: Total): tf.Scalar;
}
