/** RMS norm over the last axis with gradients, alone or with the sum that comes before it. */
import * as tf from '@tensorflow/tfjs-core';
import { allWithGradient, differentiable, differentiableTogether, withGradient } from '../differentiable';
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

/** What `forward` leaves for the gradient: states, inverse, gamma. */
type Kept = [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];

const backward = onBackend({
  wasm: wasm.backward,
  host: host.backward,
  webgpu: webgpu.backward,
  reference: reference.backward,
});

/** Gradients of the summands, which are one, and of gamma where it is trained. */
function gradients(
  dy: tf.Tensor2D,
  saved: tf.Tensor[],
  plus: tf.Tensor | null,
  summands: 1 | 2,
  frozen: boolean,
): tf.Tensor[] {
  const { dStates, dGamma } = backward(dy, ...(saved as Kept), plus as tf.Tensor2D | null, !frozen);
  // The tape adds to gradients and disposes them one by one: each input needs a handle of its own.
  return [dStates, ...(summands === 2 ? [tf.clone(dStates)] : []), ...(frozen || !dGamma ? [] : [dGamma])];
}

/**
 * x / sqrt(mean(x²) + ε) · gamma over rows, as torch.nn.functional.rms_norm and transformers' LlamaRMSNorm; with a
 * branch that of x + branch.
 * @param x [N, H]
 * @param branch [N, H] or null
 * @param gamma [H]; without a gradient when `frozen`
 * @returns [N, H]
 */
export function rmsNorm(
  x: tf.Tensor2D,
  branch: tf.Tensor2D | null,
  gamma: tf.Tensor1D,
  epsilon: number,
  frozen = false,
): tf.Tensor2D {
  return differentiable([x, ...(branch ? [branch] : []), ...(frozen ? [] : [gamma])], () => {
    const { y, states, inverse } = forward(x, branch, gamma, epsilon);
    // With a branch the gradient is two inputs', and what came of one elsewhere is not the other's.
    return withGradient(y, [states, inverse, gamma], (dy, saved, take) =>
      gradients(dy, saved, branch ? null : take(0), branch ? 2 : 1, frozen),
    );
  });
}

/**
 * x + branch and its RMS norm. Both must have a part in what gradients are taken of, see `differentiableTogether`; else
 * there is `rmsNorm`.
 * @param x [N, H]
 * @param branch [N, H]
 * @param gamma [H]; without a gradient when `frozen`
 * @returns the sum and what is normalized, [N, H] each
 */
export function residualRmsNorm(
  x: tf.Tensor2D,
  branch: tf.Tensor2D,
  gamma: tf.Tensor1D,
  epsilon: number,
  frozen = false,
): [sum: tf.Tensor2D, normed: tf.Tensor2D] {
  return differentiableTogether([x, branch, ...(frozen ? [] : [gamma])], () => {
    const { y, states, inverse } = forward(x, branch, gamma, epsilon);
    return allWithGradient([states, y], [states, inverse, gamma], ([dSum, dNormed], saved) =>
      gradients(dNormed, saved, dSum, 2, frozen),
    );
  });
}
