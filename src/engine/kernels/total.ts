/** What summed losses are divided by. */
import * as tf from '@tensorflow/tfjs-core';
import { fed } from '../backend/gpu-backend';

/** An object, for the number changes from replay to replay where a step is recorded. */
export interface Total {
  denominator: number;
}

export const overTotal = <T extends tf.Tensor>(x: T, total: Total): T =>
  tf.div(
    x,
    fed([], 'float32', () => Float32Array.of(total.denominator)),
  );
