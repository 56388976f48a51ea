/**
 * Inverted dropout with counter-based randomness (Srivastava et al. 2014): repeatable, and the same on every backend.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { differentiable, withGradient } from '../differentiable';
import { onBackend } from '../on-backend';
import * as host from './host';
import type { DropoutKey } from './mask';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

/** `dropout` without a gradient. */
export function dropped<T extends tf.Tensor>(x: T, key: DropoutKey): T {
  return key.rate === 0 ? x : (scale(x, key) as T);
}

const scale = onBackend({ wasm: wasm.scale, host: host.scale, webgpu: webgpu.scale, reference: reference.scale });

/** Zeroes a share `rate` of x and scales the rest by 1 / (1 − rate); x itself when the rate is 0. */
export function dropout<T extends tf.Tensor>(x: T, key: DropoutKey): T {
  if (key.rate === 0) return x;
  return differentiable([x], (x) => withGradient(dropped(x, key), [], (dy) => [dropped(dy, key)]));
}
