/**
 * Losses over small matrices on WebGPU: value and gradient in one dispatch of one workgroup, a thread a row at a time.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { fed } from '../backend/gpu-backend';
import { bindings, f32, gpuRun, u32, WORKGROUP } from '../backend/gpu-run';
import type { Total } from './total';

/**
 * The shader of a loss.
 * @param row WGSL that adds a row's loss to `sum` and writes `gradient[at + c]` for each of its columns c < u.width,
 * not yet over the total, from `x[at + c]` and `wanted[at + c]`
 */
export const rowLossShader = (row: string): string => /* wgsl */ `
${bindings(['x', 'wanted'], ['loss', 'gradient'], 'rows: u32, width: u32, total: f32')}
var<workgroup> partial: array<f32, ${WORKGROUP}>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var r = thread; r < u.rows; r += ${WORKGROUP}u) {
    let at = r * u.width;
    ${row}
    for (var c = 0u; c < u.width; c++) { gradient[at + c] /= u.total; }
  }
  partial[thread] = sum;
  workgroupBarrier();
  if (thread == 0u) {
    for (var i = 1u; i < ${WORKGROUP}u; i++) { sum += partial[i]; }
    loss[0] = sum / u.total;
  }
}`;

/** A loss and its gradient [N, C], both over the total. */
export interface RowLoss {
  loss: tf.Scalar;
  gradient: tf.Tensor2D;
}

/** x [N, C] and as many wanted values → the scalar loss and its gradient [N, C], both over the total. */
export function rowLoss(gpu: WebGPUBackend, code: string, x: tf.Tensor2D, wanted: Float32Array, total: Total): RowLoss {
  const [rows, width] = x.shape;
  const inputs = [x, fed(x.shape, 'float32', () => wanted)];
  const uniforms = [u32(rows), u32(width), f32(() => total.denominator)];
  const [loss, gradient] = gpuRun(gpu, { code, inputs, outputs: [[], x.shape], uniforms, workgroups: [1] });
  return { loss, gradient };
}
