/**
 * What a decoder architecture must say about itself, and the pass through its blocks over sequences without padding.
 */
import * as tf from '@tensorflow/tfjs-core';
import { live } from '../backend/recording';
import { causalAttention, causalLayout, type CausalLayout } from '../kernels/causal-attention/op';
import type { DropoutKey } from '../kernels/dropout/mask';
import { storeRows } from '../kernels/row-store/op';
import { embedding } from '../kernels/embedding/op';
import type { Angles } from '../kernels/rope/op';
import type { ForwardContext } from '../nn/context';
import type { LoraScaling } from '../nn/linear';
import { recomputed } from '../nn/recompute';
import { sum } from '../nn/sum';
import type { Slot } from './architecture';

/** Token ids of sequences laid one after the other. */
export interface SequenceBatch {
  ids: Int32Array;
  /** Length of each sequence; together as many as ids. */
  lengths: readonly number[];
}

/** Keys and values of one layer that earlier passes left, [past, keyValueHeads·headSize] each. */
export interface LayerCache {
  keys: tf.Tensor2D;
  values: tf.Tensor2D;
}

/** What earlier passes over one sequence left. */
export interface KeyValueCache {
  layers: LayerCache[];
  /** Rows that they hold. */
  past: number;
  /**
   * On the GPU, in recorded passes: the keys and values have this many rows, and each pass writes its own after those
   * of earlier ones.
   */
  room: number | null;
}

/**
 * What blocks hand on: states [N, hidden], and what is still to be added to them, which the next norm may do on its
 * way.
 */
export type Stream = { x: tf.Tensor2D; branch?: tf.Tensor2D };

export const addedUp = ({ x, branch }: Stream): tf.Tensor2D => (branch ? sum(x, branch) : x);

/** A configuration read for one architecture. */
export interface DecoderSpec {
  /** Prefix that a checkpoint of the bare body leaves out, e.g. `model.`. */
  prefix: string;
  hiddenSize: number;
  intermediateSize: number;
  layers: number;
  heads: number;
  keyValueHeads: number;
  headSize: number;
  vocabularySize: number;
  maxPositions: number;
  /** The word embedding's name, and that of the output matrix; one name when they are tied. */
  embeddings: string;
  output: string;
  /** Every parameter, in checkpoint order. */
  slots: Slot[];
  /** Module path of block `index`, as in the names of its parameters. */
  layer(index: number): string;
  /** Suffixes of the linear layers that LoRA can target, as PEFT matches them. */
  linearModules: string[];
  /** Token ids → first states [N, hidden]. */
  embed(pass: Pass, ids: Int32Array): tf.Tensor2D;
  block(pass: Pass, stream: Stream, index: number): Stream;
  finalNorm(pass: Pass, stream: Stream): tf.Tensor2D;
  /** Angles of rotary embedding at these positions; null for architectures without. */
  angles(positions: Int32Array): Angles | null;
}

/** One pass over a batch: what every block needs beside its input. */
export interface Pass {
  context: ForwardContext;
  lora: LoraScaling | null;
  layout: CausalLayout;
  positions: Int32Array;
  angles: Angles | null;
  /** Earlier keys and values; only when generating. Blocks replace or fill them through `attend`. */
  cache: KeyValueCache | null;
}

/**
 * Attention of block `index` over this pass's rows and what the cache holds; the cache takes the new keys and values
 * along.
 */
export function attend(
  pass: Pass,
  index: number,
  q: tf.Tensor2D,
  k: tf.Tensor2D,
  v: tf.Tensor2D,
  drop: DropoutKey,
): tf.Tensor2D {
  const { cache, layout } = pass;
  if (!cache) return causalAttention(q, k, v, layout, drop);
  const earlier = cache.layers[index];
  if (earlier && cache.room !== null) {
    storeRows(earlier.keys, k, () => cache.past);
    storeRows(earlier.values, v, () => cache.past);
    return causalAttention(q, earlier.keys, earlier.values, layout, drop);
  }
  const next = {
    keys: tf.keep(earlier ? tf.concat([earlier.keys, k], 0) : tf.clone(k)),
    values: tf.keep(earlier ? tf.concat([earlier.values, v], 0) : tf.clone(v)),
  };
  if (earlier) tf.dispose([earlier.keys, earlier.values]);
  cache.layers[index] = next;
  return causalAttention(q, next.keys, next.values, layout, drop);
}

/** Rows of a table, without a gradient where it is frozen. */
export function lookUp({ context }: Pass, name: string, ids: Int32Array): tf.Tensor2D {
  const { table, frozen } = context.parameters.table(name);
  return embedding(table, ids, null, frozen);
}

/** What else a pass may be told. */
export interface DecodeOptions {
  /** What earlier passes over one sequence left, to be continued. */
  cache?: KeyValueCache | null;
  /** Keep only the input of each block for the gradient, and compute the block again there. */
  recompute?: boolean;
}

/** Block `index`, as one operation whose inside is computed again for the gradient. */
function recomputedBlock(spec: DecoderSpec, pass: Pass, stream: Stream, index: number): Stream {
  const { context } = pass;
  const { place } = context;
  const weights = context.parameters.trainable().filter(({ name }) => name.startsWith(`${spec.layer(index)}.`));
  const run = (x: tf.Tensor2D): tf.Tensor2D => {
    context.place = place;
    return addedUp(spec.block(pass, { x }, index));
  };
  return {
    x: recomputed(
      addedUp(stream),
      weights.map(({ tensor }) => tensor),
      run,
    ),
  };
}

/** Last hidden states [tokens, hidden], the final norm applied. */
export function decode(
  context: ForwardContext,
  spec: DecoderSpec,
  batch: SequenceBatch,
  lora: LoraScaling | null,
  { cache = null, recompute = false }: DecodeOptions = {},
): tf.Tensor2D {
  const past = (): number => cache?.past ?? 0;
  const positions = live(() =>
    Int32Array.from(batch.lengths.flatMap((length) => Array.from({ length }, (_, i) => past() + i))),
  );
  const layout = live(() => causalLayout(batch.lengths, spec, past(), cache?.room));
  const { angles } = live(() => ({ angles: spec.angles(positions) }));
  const pass: Pass = { context, lora, layout, positions, angles, cache };
  let stream: Stream = { x: spec.embed(pass, batch.ids) };
  for (let i = 0; i < spec.layers; i++) {
    const given = stream;
    stream = tf.tidy(() => (recompute ? recomputedBlock(spec, pass, given, i) : spec.block(pass, given, i)));
    // What of it the gradient needs is kept for that.
    tf.dispose(given);
  }
  return spec.finalNorm(pass, stream);
}
