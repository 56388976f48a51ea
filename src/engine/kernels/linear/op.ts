/** Linear layer on Hugging Face's weight layout [out, in], with gradients only for what is trained. */
import * as tf from '@tensorflow/tfjs-core';
import { hostMemory } from '../../backend/host-memory';
import { differentiable } from '../differentiable';
import * as reference from './reference';
import * as wasm from './wasm';

const products = (): Pick<typeof reference, 'forward' | 'weightGradient'> => (tf.getBackend() === 'wasm' ? wasm : reference);

function biasGradient(dy: tf.Tensor2D): tf.Tensor1D {
  const memory = hostMemory();
  return memory ? wasm.biasGradient(memory, dy) : reference.biasGradient(dy);
}

/**
 * y = x·Wᵀ + b, as torch.nn.functional.linear.
 * @param x [N, in]
 * @param weight [out, in]
 * @param bias [out] or null
 * @param frozen weight and bias get no gradient, and none is computed
 * @returns [N, out]
 */
export function linear(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D | null, frozen = false): tf.Tensor2D {
  if (frozen)
    return differentiable([x], (x) => ({
      value: products().forward(x, weight, bias),
      saved: [],
      gradient: (dy) => [reference.inputGradient(dy, weight)],
    }));
  type Inputs = [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D?];
  const inputs: Inputs = bias ? [x, weight, bias] : [x, weight];
  return differentiable<Inputs, tf.Tensor2D>(inputs, (x, weight, bias) => ({
    value: products().forward(x, weight, bias ?? null),
    saved: [x, weight],
    gradient: (dy, saved) => {
      const [x, weight] = saved as [tf.Tensor2D, tf.Tensor2D];
      const grads: tf.Tensor[] = [reference.inputGradient(dy, weight), products().weightGradient(dy, x)];
      return bias ? [...grads, biasGradient(dy)] : grads;
    },
  }));
}
