/** Writes rows into a table that stays where it is: keys and values of recorded passes. Only WebGPU records passes. */
import type * as tf from '@tensorflow/tfjs-core';
import { must } from '../../../base/assert';
import { gpuBackend } from '../../backend/gpu-backend';
import { MAIN, threads, u32, uniformsBuffer } from '../../backend/gpu-run';

const STORE = /* wgsl */ `
struct Uniforms { size: u32, start: u32 }
@group(0) @binding(0) var<storage, read> rows: array<f32>;
@group(0) @binding(1) var<storage, read_write> table: array<f32>;
@group(0) @binding(2) var<uniform> u: Uniforms;
${MAIN}
  if (index >= u.size) { return; }
  table[u.start + index] = rows[index];
}`;

/**
 * table[at + i] = rows[i], in place and without a gradient.
 * @param table [R, H]
 * @param rows [N, H]
 * @param at asked again in each replay of a recorded pass; at most R − N
 */
export function storeRows(table: tf.Tensor2D, rows: tf.Tensor2D, at: () => number): void {
  const gpu = must(gpuBackend(), 'WebGPU');
  gpu.dispatch(
    STORE,
    [rows, table, uniformsBuffer(gpu, [u32(rows.size), u32(() => at() * rows.shape[1])])],
    threads(rows.size),
  );
}
