/** Multi-head self-attention with key padding, dropout on the probabilities, and a gradient. */
import type * as tf from '@tensorflow/tfjs-core';
import { gpuKernels } from '../../backend/gpu-run';
import type { DropoutKey } from '../dropout/mask';
import { differentiable, withGradient } from '../differentiable';
import { onBackend } from '../on-backend';
import * as host from './host';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

export type { AttentionShape } from './reference';

/** Off the GPU: with the probabilities, which the gradient needs. */
const forward = onBackend({ wasm: wasm.forward, host: host.forward, reference: reference.forward });
const backward = onBackend({
  wasm: wasm.backward,
  host: host.backward,
  reference: (dy, kept, _mask, shape, drop) => reference.backward(dy, kept, shape, drop),
});

/**
 * softmax(q·kᵀ / sqrt(headSize)) · v per head, as torch.nn.functional.scaled_dot_product_attention with a key padding
 * mask.
 * @param q [batch·length, heads·headSize], as the projection yields it; k and v alike
 * @param mask batch·length values, 1 for a token and 0 for padding
 * @returns [batch·length, heads·headSize]
 */
export function attention(
  q: tf.Tensor2D,
  k: tf.Tensor2D,
  v: tf.Tensor2D,
  mask: Int32Array,
  shape: reference.AttentionShape,
  drop: DropoutKey,
): tf.Tensor2D {
  const gpu = gpuKernels();
  if (!gpu)
    return differentiable([q, k, v], (q, k, v) => {
      const { context, probabilities } = forward(q, k, v, mask, shape, drop);
      return withGradient(context, [q, k, v, probabilities], (dy, saved) => backward(dy, saved, mask, shape, drop));
    });
  return differentiable([q, k, v], (q, k, v) => {
    const { context, stats } = webgpu.forward(gpu, [q, k, v], mask, shape, drop);
    return withGradient(context, [q, k, v, context, stats], (dy, [q, k, v, context, stats]) =>
      webgpu.backward<[tf.Tensor2D, tf.Tensor2D, tf.Tensor2D]>(gpu, dy, [[q, k, v], context, stats], shape, drop),
    );
  });
}
