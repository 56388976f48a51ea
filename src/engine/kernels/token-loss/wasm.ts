/** Log-probabilities of given tokens and the gradient of the logits on our WebAssembly kernels, a row at a time. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WasmKernels } from '../../wasm/kernels';
import { grainOf } from '../../wasm/launcher';

/** What an exponential costs, in operations of a product. */
const EXPONENTIAL = 32;

/** logits [N, V], a token a row → log softmax at that token [N]. */
export function logProbabilities(kernels: WasmKernels, logits: tf.Tensor2D, labels: Int32Array): tf.Tensor1D {
  const [rows, width] = logits.shape;
  const out = kernels.allocate([rows]);
  kernels.launch('tokenLogProbabilities', rows, [logits, labels, out, width], { grain: grainOf(EXPONENTIAL * width) });
  return out;
}

/** dy [N] → dy · (1[c = label] − softmax) [N, V]. */
export function logitGradient(
  kernels: WasmKernels,
  dy: tf.Tensor1D,
  logits: tf.Tensor2D,
  labels: Int32Array,
): tf.Tensor2D {
  const [rows, width] = logits.shape;
  const out = kernels.allocate(logits.shape);
  kernels.launch('tokenLogitGradient', rows, [dy, logits, labels, out, width], {
    grain: grainOf(2 * EXPONENTIAL * width),
  });
  return out;
}
