/** The bias gradient of a linear layer on WebGPU; its products are kernels/matmul's. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { bindings, gpuRun, MAIN, threads, u32 } from '../../backend/gpu-run';

const COLUMN_SUMS = /* wgsl */ `
${bindings(['x'], ['sums'], 'rows: u32, columns: u32')}
${MAIN}
  if (index >= u.columns) { return; }
  var sum = 0.0;
  for (var i = 0u; i < u.rows; i++) { sum += x[i * u.columns + index]; }
  sums[index] = sum;
}`;

/** Column sums of dy [N, out] → [out]. */
export function biasGradient(gpu: WebGPUBackend, dy: tf.Tensor2D): tf.Tensor1D {
  const [rows, columns] = dy.shape;
  const [out] = gpuRun(gpu, {
    code: COLUMN_SUMS,
    inputs: [dy],
    outputs: [[columns]],
    uniforms: [u32(rows), u32(columns)],
    workgroups: threads(columns),
  });
  return out;
}
