/** What a forward pass needs beside its input: the parameters, and the dropout of this step. */
import type * as tf from '@tensorflow/tfjs-core';
import { randomBits } from '../../base/random';
import type { DropoutKey } from '../kernels/dropout/mask';
import { dropout } from '../kernels/dropout/op';
import type { ParameterStore } from './parameters';

/** Randomness of one micro-batch in training; null when evaluating. */
export interface DropoutState {
  seed: number;
  /** Counts micro-batches over the whole run. */
  step: number;
}

export class ForwardContext {
  readonly parameters: ParameterStore;
  private readonly state: DropoutState | null;
  /** Dropouts of this pass so far, in program order; set back where a part of the pass is computed again. */
  place = 0;

  constructor(parameters: ParameterStore, state: DropoutState | null) {
    this.parameters = parameters;
    this.state = state;
  }

  get training(): boolean {
    return this.state !== null;
  }

  /** The key of the next dropout of this pass; rate 0 when evaluating. Places are counted in program order. */
  nextDropout(rate: number): DropoutKey {
    if (!this.state || rate === 0) return { rate: 0, key: 0 };
    const { state } = this;
    const place = this.place++;
    return {
      rate,
      get key() {
        return randomBits(state.seed, state.step, place);
      },
    };
  }

  dropout(x: tf.Tensor2D, rate: number): tf.Tensor2D {
    return dropout(x, this.nextDropout(rate));
  }
}
