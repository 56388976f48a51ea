/** GELU and its derivative in one loop. */
import { must } from '../../../base/assert';
import type * as tf from '@tensorflow/tfjs-core';
import { allocate, type HostMemory } from '../../backend/host-memory';
import type { GeluForm } from './reference';

const CUBIC = 0.044715;
const ROOT = Math.sqrt(2 / Math.PI);
const DENSITY = 1 / Math.sqrt(2 * Math.PI);

export function forward(
  memory: HostMemory,
  x: tf.Tensor2D,
  form: GeluForm,
): { y: tf.Tensor2D; derivative: tf.Tensor2D } {
  const [y, derivative] = allocate(memory, x.shape, x.shape);
  const xs = memory.view(x);
  if (form === 'erf') exact(xs, y.values, derivative.values);
  else approximate(xs, y.values, derivative.values);
  return { y: y.tensor, derivative: derivative.tensor };
}

/** Normal distribution by Abramowitz & Stegun 7.1.26 (error below 1.5e-7); its exponential is the density's as well. */
function exact(xs: Float32Array, ys: Float32Array, slopes: Float32Array): void {
  for (let i = 0; i < xs.length; i++) {
    const x = must(xs[i]);
    const z = Math.abs(x) * Math.SQRT1_2;
    const bell = Math.exp(-z * z);
    const t = 1 / (1 + 0.3275911 * z);
    const tail =
      0.5 * bell * t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    const distribution = x < 0 ? tail : 1 - tail;
    ys[i] = x * distribution;
    slopes[i] = distribution + x * bell * DENSITY;
  }
}

function approximate(xs: Float32Array, ys: Float32Array, slopes: Float32Array): void {
  for (let i = 0; i < xs.length; i++) {
    const x = must(xs[i]);
    const bent = Math.tanh(ROOT * x * (1 + CUBIC * x * x));
    const half = 0.5 * (1 + bent);
    ys[i] = x * half;
    slopes[i] = half + 0.5 * x * (1 - bent * bent) * ROOT * (1 + 3 * CUBIC * x * x);
  }
}
