/** Two linear layers with GELU between them; on WebGPU GELU and its gradient are part of the products. */
import type * as tf from '@tensorflow/tfjs-core';
import { gpuKernels } from '../../backend/gpu-run';
import { differentiable } from '../differentiable';
import { gelu } from '../gelu/op';
import type { GeluForm } from '../gelu/reference';
import { linear } from '../linear/op';
import { layerGradients, multiply, multiplyThenGelu, multiplyTransposed } from '../matmul/webgpu';

/** Weight [out, in] and bias [out] of a linear layer. */
export interface Layer {
  weight: tf.Tensor2D;
  bias: tf.Tensor1D;
}

/**
 * second(gelu(first(x))).
 * @param x [N, in]
 * @param frozen the layers get no gradient
 * @returns [N, out]
 */
export function feedForward(x: tf.Tensor2D, [first, second]: readonly [Layer, Layer], form: GeluForm, frozen: boolean): tf.Tensor2D {
  const gpu = gpuKernels();
  if (!gpu) return linear(gelu(linear(x, first.weight, first.bias, { frozen }), form), second.weight, second.bias, { frozen });
  if (frozen)
    return differentiable([x], (x) => {
      const { y, derivative } = multiplyThenGelu(gpu, x, first.weight, first.bias, form);
      return {
        value: multiplyTransposed(gpu, y, second.weight, second.bias),
        saved: [derivative],
        gradient: (dy, [kept], take) => [multiply(gpu, multiply(gpu, dy, second.weight, null, { times: kept }), first.weight, null, { plus: take(0) })],
      };
    });
  return differentiable([x, first.weight, first.bias, second.weight, second.bias], (x, weight1, bias1, weight2, bias2) => {
    const { y, derivative } = multiplyThenGelu(gpu, x, weight1, bias1, form);
    return {
      value: multiplyTransposed(gpu, y, weight2, bias2),
      saved: [x, weight1, weight2, y, derivative],
      gradient: (dy, saved, take) => {
        const [x, weight1, weight2, y, derivative] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
        const inner = multiply(gpu, dy, weight2, null, { times: derivative });
        return [multiply(gpu, inner, weight1, null, { plus: take(0) }), ...layerGradients(gpu, inner, x), ...layerGradients(gpu, dy, y)];
      },
    };
  });
}
