/** Dropout as one loop; forward and gradient are the same scaling. */
import { must } from '../../../base/assert';
import type * as tf from '@tensorflow/tfjs-core';
import { allocate, type HostMemory } from '../../backend/host-memory';
import { dropThreshold, elementBits, type DropoutKey } from './mask';

export function scale(memory: HostMemory, x: tf.Tensor, { rate, key }: DropoutKey): tf.Tensor {
  const [out] = allocate(memory, x.shape);
  const xs = memory.view(x);
  const threshold = dropThreshold(rate);
  const keep = 1 / (1 - rate);
  for (let i = 0; i < xs.length; i++) out.values[i] = elementBits(key, i) < threshold ? 0 : must(xs[i]) * keep;
  return out.tensor;
}
