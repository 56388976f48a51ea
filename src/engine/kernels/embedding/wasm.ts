/** The gradient of a row lookup on our WebAssembly kernel. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WasmKernels } from '../../wasm/kernels';

/** Rows of the table in a unit of work; assembly/embedding.ts. */
const UNIT = 256;

/** Sums the rows of dy [N, H] into a dense [V, H]; rows of `paddingId` get nothing. */
export function backward(
  kernels: WasmKernels,
  dy: tf.Tensor2D,
  ids: Int32Array,
  vocabulary: number,
  paddingId: number | null,
): tf.Tensor2D {
  const width = dy.shape[1];
  const table = kernels.allocate([vocabulary, width]);
  kernels.launch(
    'embeddingGradient',
    Math.ceil(vocabulary / UNIT),
    [dy, ids, table, ids.length, width, vocabulary, paddingId ?? -1],
    { grain: 4 },
  );
  return table;
}
