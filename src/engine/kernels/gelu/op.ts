/** GELU with a gradient, exact and approximate. */
import * as tf from '@tensorflow/tfjs-core';
import { differentiable, withGradient } from '../differentiable';
import { onBackend } from '../on-backend';
import * as host from './host';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

const forward = onBackend({
  wasm: wasm.forward,
  host: host.forward,
  webgpu: webgpu.forward,
  reference: reference.forward,
});

/** x·Φ(x) over x [N, H], or its tanh approximation, as torch.nn.functional.gelu. */
export function gelu(x: tf.Tensor2D, form: reference.GeluForm = 'erf'): tf.Tensor2D {
  return differentiable([x], (x) => {
    const { y, derivative } = forward(x, form);
    return withGradient(y, [derivative], (dy, saved) => [tf.mul(dy, saved[0])]);
  });
}
