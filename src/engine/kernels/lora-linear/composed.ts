/** An adapted layer off the GPU and in reference ops: of the products that linear layers have there. */
import * as tf from '@tensorflow/tfjs-core';
import { constant } from '../../backend/gpu-backend';
import { dropped } from '../dropout/op';
import {
  layerInputGradient,
  layerValue,
  product,
  productTransposed,
  transposedProduct,
  type LinearLayer,
} from '../linear/op';
import type { Adapter, AdapterGradients } from './adapter';

export function forward(
  x: tf.Tensor2D,
  layer: LinearLayer,
  { a, b, scaling, drop }: Adapter,
): { y: tf.Tensor2D; low: tf.Tensor2D } {
  const low: tf.Tensor2D = tf.mul(productTransposed(dropped(x, drop), a), constant(scaling));
  return { y: tf.add(layerValue(x, layer), productTransposed(low, b)), low };
}

export function backward(
  dy: tf.Tensor2D,
  x: tf.Tensor2D,
  low: tf.Tensor2D,
  layer: LinearLayer,
  { a, b, scaling, drop }: Adapter,
): AdapterGradients {
  const dLow: tf.Tensor2D = tf.mul(product(dy, b), constant(scaling));
  const dx: tf.Tensor2D = tf.add(
    dropped(product(dLow, a), drop),
    layerInputGradient(dy, layer, () => null),
  );
  return { dx, dA: transposedProduct(dLow, dropped(x, drop)), dB: transposedProduct(dy, low) };
}
