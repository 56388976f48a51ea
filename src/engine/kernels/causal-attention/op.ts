/**
 * Causal self-attention over sequences laid one after the other, with grouped key heads, dropout on the probabilities,
 * and a gradient.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { DropoutKey } from '../dropout/mask';
import { differentiable, withGradient } from '../differentiable';
import { onBackend } from '../on-backend';
import * as host from './host';
import type { CausalLayout } from './layout';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

export { causalLayout, type CausalLayout } from './layout';

const forward = onBackend({
  wasm: wasm.forward,
  host: host.forward,
  webgpu: (gpu, q, k, v, layout, drop) => webgpu.forward(gpu, [q, k, v], layout, drop),
  reference: reference.forward,
});

const backward = onBackend({
  wasm: wasm.backward,
  host: host.backward,
  webgpu: webgpu.backward,
  reference: reference.backward,
});

/**
 * softmax(q·kᵀ / sqrt(headSize)) · v per head, each query seeing its own sequence up to itself, as
 * torch.nn.functional.scaled_dot_product_attention(is_causal, enable_gqa) on each sequence alone. No [S, S] matrix is
 * kept: the gradient computes the probabilities again (Dao et al. 2022, arXiv:2205.14135).
 * @param q [queries, heads·headSize]
 * @param k [keys, keyValueHeads·headSize]; v alike
 * @returns [queries, heads·headSize]
 */
export function causalAttention(
  q: tf.Tensor2D,
  k: tf.Tensor2D,
  v: tf.Tensor2D,
  layout: CausalLayout,
  drop: DropoutKey,
): tf.Tensor2D {
  return differentiable([q, k, v], (q, k, v) => {
    const { context, logSums } = forward(q, k, v, layout, drop);
    return withGradient(context, [q, k, v, context, logSums], (dy, saved) => backward(dy, saved, layout, drop));
  });
}
