/** The contract of a loss: what a model's outputs cost against the labels of a batch. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Total } from '../kernels/total';

/** A figure that a step tells beside its loss, under the name that its source gives it. */
export interface Extra {
  readonly name: string;
  /** From the `values` of a step's micro-batches. */
  of(values: readonly Float32Array[]): number;
}

/** What a micro-batch costs. */
export interface Cost {
  loss: tf.Scalar;
  /** What the extras are computed from. */
  values?: tf.Tensor;
}

export interface Objective<Outputs, Batch> {
  /** What a batch adds to what the summed loss of a step is divided by, over all of its micro-batches. */
  count(batch: Batch): number;
  /** The loss summed over the batch and divided by the total, so that micro-batches add up to the big batch's. */
  cost(outputs: Outputs, batch: Batch, total: Total): Cost;
  readonly extras: readonly Extra[];
  /** By what else than their sizes two batches need other kernels. */
  shape?(batch: Batch): string;
}

/** The extras of a step, by name; undefined where the objective has none. */
export function extrasOf(
  extras: readonly Extra[],
  values: readonly Float32Array[],
): Record<string, number> | undefined {
  return extras.length > 0 ? Object.fromEntries(extras.map((extra) => [extra.name, extra.of(values)])) : undefined;
}
