/** Causal attention and its gradient on our WebAssembly kernels, block by block of a sequence's queries. */
import { must } from '../../../base/assert';
import type * as tf from '@tensorflow/tfjs-core';
import type { WasmKernels } from '../../wasm/kernels';
import { grainOf, type LaunchOptions } from '../../wasm/launcher';
import { dropThreshold, type DropoutKey } from '../dropout/mask';
import type { CausalLayout } from './layout';

/** Most queries in a block: few enough to skip much of what they may not see, enough for the product's panels. */
const BLOCK = 64;

/** How a batch is cut. */
interface Blocks {
  /** First query, one past the last, and first key of the sequence, for each block. */
  blocks: Int32Array;
  /** The number of each sequence's first block, and that of all blocks. */
  sequences: Int32Array;
  /** Queries in the largest block. */
  most: number;
  /** Scores of one head in all blocks. */
  scores: number;
}

function cut({ queries, first, past }: CausalLayout): Blocks {
  const blocks: number[] = [];
  const sequences: number[] = [];
  let [most, scores] = [0, 0];
  for (let from = 0, to = 0; from < queries; from = to) {
    const start = must(first[from]);
    if (from === 0 || first[from - 1] !== start) sequences.push(blocks.length / 3);
    for (to = from; to < queries && to - from < BLOCK && first[to] === start; to++);
    blocks.push(from, to, start);
    most = Math.max(most, to - from);
    scores += (to - from) * (to + past - start);
  }
  return {
    blocks: Int32Array.from(blocks),
    sequences: Int32Array.from([...sequences, blocks.length / 3]),
    most,
    scores,
  };
}

const sizes = ({ heads, keyValueHeads, headSize, past, span }: CausalLayout, { rate, key }: DropoutKey): number[] => [
  heads,
  keyValueHeads,
  headSize,
  past,
  key,
  dropThreshold(rate),
  span,
];

/**
 * `matrices`: how many blocks of scores a thread needs for itself; `products` of them are computed, in `units` pieces
 * in all.
 */
function options(
  { heads, headSize, span }: CausalLayout,
  { rate }: DropoutKey,
  { most, scores }: Blocks,
  matrices: number,
  products: number,
  units: number,
): LaunchOptions {
  return {
    reals: [1 / Math.sqrt(headSize), 1 / (1 - rate)],
    scratchBytes: 4 * matrices * most * span,
    grain: grainOf((2 * products * heads * scores * headSize) / units),
  };
}

export function forward(
  kernels: WasmKernels,
  q: tf.Tensor2D,
  k: tf.Tensor2D,
  v: tf.Tensor2D,
  layout: CausalLayout,
  drop: DropoutKey,
): { context: tf.Tensor2D; logSums: tf.Tensor2D } {
  const context = kernels.allocate(q.shape);
  const logSums = kernels.allocate([layout.queries, layout.heads]);
  const parts = cut(layout);
  const units = (layout.heads * parts.blocks.length) / 3;
  kernels.launch(
    'causalAttention',
    units,
    [q, k, v, context, logSums, parts.blocks, ...sizes(layout, drop)],
    options(layout, drop, parts, 1, 2, units),
  );
  return { context: context, logSums: logSums };
}

/** Gradients of q, k and v. */
export function backward(
  kernels: WasmKernels,
  dy: tf.Tensor2D,
  [q, k, v, context, logSums]: [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D],
  layout: CausalLayout,
  drop: DropoutKey,
): [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D] {
  const [dq, dk, dv] = [kernels.allocate(q.shape), kernels.allocate(k.shape), kernels.allocate(v.shape)];
  const parts = cut(layout);
  const units = layout.keyValueHeads * (parts.sequences.length - 1);
  const words = [
    q,
    k,
    v,
    context,
    logSums,
    parts.blocks,
    ...sizes(layout, drop),
    0,
    dy,
    dq,
    dk,
    dv,
    parts.sequences,
    parts.most,
  ];
  kernels.launch('causalAttentionGradient', units, words, options(layout, drop, parts, 2, 5, units));
  return [dq, dk, dv];
}
