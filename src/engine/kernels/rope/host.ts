/** Rotary position embedding as one loop. */
import { must } from '../../../base/assert';
import type * as tf from '@tensorflow/tfjs-core';
import { allocate, type HostMemory } from '../../backend/host-memory';
import type { Angles } from './reference';

export function rotate(
  memory: HostMemory,
  x: tf.Tensor2D,
  { cos, sin }: Angles,
  headSize: number,
  direction: 1 | -1,
): tf.Tensor2D {
  const [rows, width] = x.shape;
  const half = headSize / 2;
  const [out] = allocate(memory, [rows, width]);
  const xs = memory.view(x);
  const ys = out.values;
  for (let i = 0; i < rows; i++)
    for (let head = i * width; head < (i + 1) * width; head += headSize)
      for (let d = 0; d < half; d++) {
        const c = must(cos[i * half + d]);
        const s = must(sin[i * half + d]) * direction;
        const [first, second] = [must(xs[head + d]), must(xs[head + half + d])];
        ys[head + d] = first * c - second * s;
        ys[head + half + d] = second * c + first * s;
      }
  return out.tensor;
}
