/**
 * Two linear layers with GELU between them; on WebGPU GELU and its gradient are part of the products, also of adapted
 * layers.
 */
import { pairOf } from '../../backend/shaped';
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { gpuKernels } from '../../backend/gpu-run';
import { differentiable, withGradient } from '../differentiable';
import { gelu } from '../gelu/op';
import type { GeluForm } from '../gelu/reference';
import { linear } from '../linear/op';
import * as lora from '../lora-linear/webgpu';
import { loraLinear, matricesOf, withMatrices } from '../lora-linear/op';
import type { Adapter } from '../lora-linear/adapter';
import { layerGradients, multiply, multiplyThenGelu, multiplyTransposed } from '../matmul/webgpu';

/** Weight [out, in] and bias [out] of a linear layer. */
export interface Layer {
  weight: tf.Tensor2D;
  bias: tf.Tensor1D;
}

/** Both layers frozen, each with an adapter. */
function adapted(
  gpu: WebGPUBackend,
  x: tf.Tensor2D,
  [first, second]: readonly [Layer, Layer],
  form: GeluForm,
  adapters: readonly [Adapter, Adapter],
): tf.Tensor2D {
  return differentiable([x, ...matricesOf(adapters)], (...inputs) => {
    const x = inputs[0];
    const low1 = lora.down(gpu, x, [adapters[0]]);
    const base1 = multiplyTransposed(gpu, x, first.weight, first.bias);
    const [y, derivative] = pairOf(lora.up(gpu, low1, [adapters[0]], base1, form));
    base1.dispose();
    const { y: value, low: low2 } = lora.forward(gpu, y, { ...second, transposed: false, frozen: true }, adapters[1]);
    return withGradient(value, [x, low1, y, derivative, low2, ...inputs.slice(1)], (dy, saved, take) => {
      const [x, low1, y, derivative, low2, ...matrices] = saved;
      const [adapter1, adapter2] = withMatrices(adapters, matrices);
      const outer = lora.gradients(gpu, dy, y, low2, [adapter2], { times: derivative });
      const inner = multiply(gpu, dy, second.weight, null, { times: derivative, plus: outer.part });
      const { dAs, dBs, part } = lora.gradients(gpu, inner, x, low1, [adapter1], { plus: take(0) });
      return [multiply(gpu, inner, first.weight, null, { plus: part }), ...dAs, ...outer.dAs, ...dBs, ...outer.dBs];
    });
  });
}

/**
 * second(gelu(first(x))).
 * @param x [N, in]
 * @param frozen the layers get no gradient
 * @param adapters of the layers, which are frozen then
 * @returns [N, out]
 */
export function feedForward(
  x: tf.Tensor2D,
  layers: readonly [Layer, Layer],
  form: GeluForm,
  frozen: boolean,
  adapters: readonly [Adapter, Adapter] | null = null,
): tf.Tensor2D {
  const gpu = gpuKernels();
  if (adapters) {
    if (gpu) return adapted(gpu, x, layers, form, adapters);
    const through = (x: tf.Tensor2D, which: 0 | 1): tf.Tensor2D =>
      loraLinear(x, { ...layers[which], transposed: false, frozen: true }, adapters[which]);
    return through(gelu(through(x, 0), form), 1);
  }
  const [first, second] = layers;
  if (!gpu)
    return linear(gelu(linear(x, first.weight, first.bias, { frozen }), form), second.weight, second.bias, { frozen });
  if (frozen)
    return differentiable([x], (x) => {
      const { y, derivative } = multiplyThenGelu(gpu, x, first.weight, first.bias, form);
      return withGradient(multiplyTransposed(gpu, y, second.weight, second.bias), [derivative], (dy, [kept], take) => [
        multiply(gpu, multiply(gpu, dy, second.weight, null, { times: kept }), first.weight, null, { plus: take(0) }),
      ]);
    });
  return differentiable(
    [x, first.weight, first.bias, second.weight, second.bias],
    (x, weight1, bias1, weight2, bias2) => {
      const { y, derivative } = multiplyThenGelu(gpu, x, weight1, bias1, form);
      return withGradient(
        multiplyTransposed(gpu, y, weight2, bias2),
        [x, weight1, weight2, y, derivative],
        (dy, saved, take) => {
          const [x, weight1, weight2, y, derivative] = saved;
          const inner = multiply(gpu, dy, weight2, null, { times: derivative });
          return [
            multiply(gpu, inner, weight1, null, { plus: take(0) }),
            ...layerGradients(gpu, inner, x),
            ...layerGradients(gpu, dy, y),
          ];
        },
      );
    },
  );
}
