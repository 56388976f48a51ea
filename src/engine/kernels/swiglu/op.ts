/** The gated activation of Llama-like feed-forward layers, with gradients. */
import type * as tf from '@tensorflow/tfjs-core';
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

const backward = onBackend({
  wasm: wasm.backward,
  host: host.backward,
  webgpu: webgpu.backward,
  reference: reference.backward,
});

/** silu(gate) · up, all [N, F]. */
export function swiglu(gate: tf.Tensor2D, up: tf.Tensor2D): tf.Tensor2D {
  return differentiable([gate, up], (gate, up) =>
    withGradient(forward(gate, up), [gate, up], (dy, [gate, up]) => backward(dy, gate, up)),
  );
}
