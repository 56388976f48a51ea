/** Log-probabilities of given tokens and the gradient of the logits in plain tfjs ops. */
import * as tf from '@tensorflow/tfjs-core';

const oneHot = (labels: Int32Array, width: number): tf.Tensor2D =>
  tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), width), 'float32') as tf.Tensor2D;

/** logits [N, V], a token a row → log softmax at that token [N]. */
export function logProbabilities(logits: tf.Tensor2D, labels: Int32Array): tf.Tensor1D {
  return tf.sum(tf.mul(tf.logSoftmax(logits), oneHot(labels, logits.shape[1])), 1);
}

/** dy [N] → dy · (1[c = label] − softmax) [N, V]. */
export function logitGradient(dy: tf.Tensor1D, logits: tf.Tensor2D, labels: Int32Array): tf.Tensor2D {
  return tf.mul(tf.sub(oneHot(labels, logits.shape[1]), tf.softmax(logits)), tf.expandDims(dy, 1));
}
