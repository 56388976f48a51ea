/** Sequences laid one after the other without padding, with the tokens that are to be predicted. */
import { must } from '../base/assert';
import { gpuKernels } from './backend/gpu-run';
import { IGNORE } from './kernels/cross-entropy/targets';
import type { SequenceBatch } from './models/decoder';
import type { DropoutState } from './nn/context';

/** Sequences with the token that each row is to predict, or IGNORE. */
export interface MarkedBatch extends SequenceBatch {
  labels: Int32Array;
}

/** Token ids with 1 for each that the loss is taken on; the first is never predicted. */
export interface MarkedSequence {
  ids: Int32Array;
  trained: Uint8Array;
}

/** Lays sequences one after the other. */
export function joinSequences(sequences: readonly MarkedSequence[]): MarkedBatch {
  const lengths = sequences.map(({ ids }) => ids.length);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const ids = new Int32Array(total);
  const labels = new Int32Array(total).fill(IGNORE);
  let at = 0;
  for (const sequence of sequences) {
    ids.set(sequence.ids, at);
    for (let i = 1; i < sequence.ids.length; i++) if (sequence.trained[i]) labels[at + i - 1] = must(sequence.ids[i]);
    at += sequence.ids.length;
  }
  return { ids, lengths, labels };
}

/** Pairs of a preference batch: the chosen sequences first, then the rejected ones in the same order. */
export interface PreferenceBatch extends MarkedBatch {
  /** Summed log-probabilities of each sequence under the reference, in the batch's order. */
  reference: Float32Array;
}

/** Rows that are to predict a token, and those tokens. */
export function labelledTokens({ labels }: MarkedBatch): { rows: Int32Array; labels: Int32Array } {
  const rows = Int32Array.from(labels.keys()).filter((i) => labels[i] !== IGNORE);
  return { rows, labels: rows.map((i) => must(labels[i], 'label')) };
}

/** A batch of a step: rows and labels filled up to a size that occurs often, with what counts for nothing. */
export interface FilledBatch extends MarkedBatch {
  /** Rows that are to predict a token; further ones repeat the first. */
  rows: Int32Array;
  tokens: Int32Array;
  /** 1 for each row that counts. */
  counts: Float32Array;
  /** Which sequence each row that counts belongs to. */
  owners: number[];
}

/** The next of few sizes that are at most a part `1 / steps` larger. */
function roundUp(size: number, steps: number): number {
  const step = Math.max(8, 2 ** Math.floor(Math.log2(Math.max(1, size))) / steps);
  return Math.ceil(size / step) * step;
}

/**
 * On the GPU, where a step is recorded once for each size, the sequences are followed by more that nothing is learned
 * from. None is longer than the longest, for positions end with the model's, and dropout counts by the longest.
 */
export function filled(batch: MarkedBatch): FilledBatch {
  const { rows, labels } = labelledTokens(batch);
  const size = gpuKernels() ? roundUp(batch.ids.length, 8) : batch.ids.length;
  const places = gpuKernels() ? roundUp(rows.length, 4) : rows.length;
  const longest = Math.max(...batch.lengths);
  const more = size - batch.ids.length;
  const counts = new Float32Array(places).fill(1, 0, rows.length);
  return {
    ids: extended(batch.ids, size, 0),
    labels: extended(batch.labels, size, IGNORE),
    lengths: [
      ...batch.lengths,
      ...Array.from({ length: Math.ceil(more / longest) }, (_, i) => Math.min(longest, more - i * longest)),
    ],
    rows: extended(rows, places, rows[0] ?? 0),
    tokens: extended(labels, places, labels[0] ?? 0),
    counts,
    owners: sequenceOf(batch),
  };
}

function extended(values: Int32Array, length: number, value: number): Int32Array {
  const out = new Int32Array(length).fill(value);
  out.set(values);
  return out;
}

export const shapeOf = (micro: readonly FilledBatch[], dropout: DropoutState | null): string =>
  [
    ...micro.map(({ ids, rows }) => `${ids.length} tokens, ${rows.length} labelled`),
    dropout ? 'with dropout' : '',
  ].join('; ');

/** Which sequence each labelled row belongs to. */
export function sequenceOf(batch: MarkedBatch): number[] {
  const owner = batch.lengths.flatMap((length, s) => new Array<number>(length).fill(s));
  return Array.from(labelledTokens(batch).rows, (i) => must(owner[i], 'sequence'));
}
