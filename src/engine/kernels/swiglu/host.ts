/** silu(gate) · up and its gradients, one loop each. */
import { must } from '../../../base/assert';
import type * as tf from '@tensorflow/tfjs-core';
import { allocate, type HostMemory } from '../../backend/host-memory';

export function forward(memory: HostMemory, gate: tf.Tensor2D, up: tf.Tensor2D): tf.Tensor2D {
  const [out] = allocate(memory, gate.shape);
  const [gates, ups] = [memory.view(gate), memory.view(up)];
  const ys = out.values;
  for (let i = 0; i < ys.length; i++) ys[i] = (must(gates[i]) / (1 + Math.exp(-must(gates[i])))) * must(ups[i]);
  return out.tensor;
}

/** Gradients of gate and up. */
export function backward(
  memory: HostMemory,
  dy: tf.Tensor2D,
  gate: tf.Tensor2D,
  up: tf.Tensor2D,
): [tf.Tensor2D, tf.Tensor2D] {
  const [dGate, dUp] = allocate(memory, gate.shape, gate.shape);
  const [grads, gates, ups] = [memory.view(dy), memory.view(gate), memory.view(up)];
  for (let i = 0; i < grads.length; i++) {
    const x = must(gates[i]);
    const sigmoid = 1 / (1 + Math.exp(-x));
    dGate.values[i] = must(grads[i]) * must(ups[i]) * sigmoid * (1 + x * (1 - sigmoid));
    dUp.values[i] = must(grads[i]) * x * sigmoid;
  }
  return [dGate.tensor, dUp.tensor];
}
