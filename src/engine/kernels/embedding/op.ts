/** Embedding lookup with a gradient; ids stay plain integers because nothing differentiates through them. */
import type * as tf from '@tensorflow/tfjs-core';
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
      return [gpu ? webgpu.backward(gpu, dy, ids, vocabulary, paddingId) : reference.backward(dy, ids, vocabulary, paddingId)];
    },
  }));
}
