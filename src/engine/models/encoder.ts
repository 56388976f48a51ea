/** The pass through an encoder over one flat [batch·length, hidden] matrix, and what is made of its states. */
import * as tf from '@tensorflow/tfjs-core';
import { fed } from '../backend/gpu-backend';
import { differentiable, withGradient } from '../kernels/differentiable';
import { embedding } from '../kernels/embedding/op';
import type { EncoderBody, EncoderPass, TokenBatch } from './architecture';

/** Last hidden states [batch·length, hidden]. */
export function encode(spec: EncoderBody, pass: EncoderPass): tf.Tensor2D {
  let x = spec.embed(pass);
  for (let i = 0; i < spec.layers; i++) x = spec.block(pass, x, i);
  return x;
}

/** State of the first token of each row: [batch, hidden]. */
export function firstTokens(states: tf.Tensor2D, { batch, length }: TokenBatch): tf.Tensor2D {
  const rows = Int32Array.from({ length: batch }, (_, b) => b * length);
  return embedding(states, rows, null);
}

/** 1 / count for each real token of a row, 0 for padding. */
function meanWeights(batch: number, length: number, mask: Int32Array): Float32Array {
  const weights = new Float32Array(batch * length);
  for (let b = 0; b < batch; b++) {
    const row = mask.subarray(b * length, (b + 1) * length);
    const count = row.reduce((sum, real) => sum + real, 0);
    for (let i = 0; i < length; i++) weights[b * length + i] = row[i] ? 1 / count : 0;
  }
  return weights;
}

/** Mean over the real tokens of each row: [batch, hidden]; sentence-transformers' mean pooling. */
export function meanPool(states: tf.Tensor2D, { batch, length, mask }: TokenBatch): tf.Tensor2D {
  const width = states.shape[1];
  const weights = fed([batch, length, 1], 'float32', () => meanWeights(batch, length, mask));
  return differentiable([states], (states) =>
    withGradient(
      tf.sum<tf.Tensor2D>(tf.mul(tf.reshape(states, [batch, length, width]), weights), 1),
      [weights],
      (dy, [kept]) => [tf.reshape(tf.mul(tf.expandDims(dy, 1), kept), states.shape)],
    ),
  );
}
