/** Embedding lookup with a gradient; ids stay plain integers because nothing differentiates through them. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuKernels } from '../../backend/gpu-run';
import { hostMemory } from '../../backend/host-memory';
import { wasmKernels } from '../../wasm/kernels';
import { differentiable } from '../differentiable';
import { PackedMatrix, type Matrix } from '../packed/matrix';
import { packedRows } from '../packed-rows/op';
import * as host from './host';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

/**
 * Rows of a table, as torch.nn.functional.embedding.
 * @param table [V, H]; a packed one gets no gradient
 * @param ids N integers in [0, V)
 * @param paddingId the row that gets no gradient (torch's `padding_idx`), or null
 * @returns [N, H]
 */
export function embedding(table: Matrix, ids: Int32Array, paddingId: number | null, frozen = false): tf.Tensor2D {
  if (table instanceof PackedMatrix) return packedRows(table, ids);
  if (frozen) return reference.forward(table, ids);
  const vocabulary = table.shape[0];
  return differentiable([table], (table) => ({
    value: reference.forward(table, ids),
    saved: [],
    gradient: (dy) => {
      const kernels = wasmKernels();
      if (kernels) return [wasm.backward(kernels, dy, ids, vocabulary, paddingId)];
      const memory = hostMemory();
      if (memory) return [host.backward(memory, dy, ids, vocabulary, paddingId)];
      const gpu = gpuKernels();
      return gpu ? webgpu.backward(gpu, dy, [{ ids, vocabulary, paddingId }]) : [reference.backward(dy, ids, vocabulary, paddingId)];
    },
  }));
}

/** A table [V, H], the rows that are wanted, and the id that gets no gradient. */
export interface Lookup {
  table: tf.Tensor2D;
  ids: Int32Array;
  paddingId: number | null;
  frozen: boolean;
}

/** The sum of as many `embedding`s, [N, H]; one dispatch on WebGPU, where all are trained or none is. */
export function embeddingSum(lookups: readonly Lookup[]): tf.Tensor2D {
  const gpu = gpuKernels();
  const frozen = lookups.filter((lookup) => lookup.frozen).length;
  const apart = !gpu || (frozen > 0 && frozen < lookups.length);
  if (apart) return lookups.map(({ table, ids, paddingId, frozen }) => embedding(table, ids, paddingId, frozen)).reduce((sum, rows) => tf.add(sum, rows));
  const value = (tables: readonly tf.Tensor2D[]): tf.Tensor2D => webgpu.rows(gpu, tables, lookups.map(({ ids }) => ids));
  const tables = lookups.map(({ table }) => table);
  if (frozen > 0) return value(tables);
  return differentiable<tf.Tensor2D[], tf.Tensor2D>(tables, (...tables) => ({
    value: value(tables),
    saved: [],
    gradient: (dy) => webgpu.backward(gpu, dy, lookups.map(({ table, ids, paddingId }) => ({ ids, vocabulary: table.shape[0], paddingId }))),
  }));
}
