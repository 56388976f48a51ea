/** Dropout in plain tfjs ops: the factors are computed on the CPU and uploaded. */
import * as tf from '@tensorflow/tfjs-core';
import { dropoutFactors, type DropoutKey } from './mask';

export const scale = (x: tf.Tensor, key: DropoutKey): tf.Tensor =>
  tf.mul(x, tf.tensor(dropoutFactors(key, x.size), x.shape));
