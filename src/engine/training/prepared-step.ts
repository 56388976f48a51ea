/** One step of training before it runs: its data on this side, and the passes over them. */
import type * as tf from '@tensorflow/tfjs-core';
import type { DropoutState } from '../nn/context';

/** What a step computes, to be disposed by the caller. */
export interface StepTensors {
  loss: tf.Tensor;
  /** One for each trained parameter, in their order. */
  gradients: tf.Tensor[];
  /** Of each micro-batch: what the objective's extras are computed from. */
  values: tf.Tensor[];
}

export interface PreparedStep {
  /** Equal for steps of one model that run the same kernels over the same sizes. */
  shape: string;
  /**
   * About how many values its largest micro-batch computes: tells which of two steps of one model needs more memory.
   */
  size: number;
  /**
   * All that differs between such steps, in arrays of its own: a recorded step is given the data of later ones in
   * place. `run` reads it when values are needed.
   */
  data: object;
  /** Forward and backward pass. */
  run(): StepTensors;
}

/** Micro-batches of one step and the dropout of the first. */
export interface MicroBatches<B> {
  micro: readonly B[];
  dropout: DropoutState | null;
}
