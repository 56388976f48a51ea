/** silu(gate) · up and its gradients on our WebAssembly kernels. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WasmKernels } from '../../wasm/kernels';

/** Elements of a unit of work; assembly/swiglu.ts. */
const UNIT = 1024;

export function forward(kernels: WasmKernels, gate: tf.Tensor2D, up: tf.Tensor2D): tf.Tensor2D {
  const out = kernels.allocate(gate.shape);
  kernels.launch('swiglu', Math.ceil(gate.size / UNIT), [gate, up, out, gate.size], { grain: 8 });
  return out;
}

/** Gradients of gate and up. */
export function backward(
  kernels: WasmKernels,
  dy: tf.Tensor2D,
  gate: tf.Tensor2D,
  up: tf.Tensor2D,
): [tf.Tensor2D, tf.Tensor2D] {
  const dGate = kernels.allocate(gate.shape);
  const dUp = kernels.allocate(up.shape);
  kernels.launch('swigluGradient', Math.ceil(gate.size / UNIT), [dy, gate, up, dGate, dUp, gate.size], { grain: 8 });
  return [dGate, dUp];
}
