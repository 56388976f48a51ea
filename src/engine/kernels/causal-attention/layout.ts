/** Where sequences lie in the rows of queries and keys: one after the other, without padding. */
import { assert } from '../../../base/assert';
import { dropThreshold, elementBits, type DropoutKey } from '../dropout/mask';

/** Sizes of one call. Queries are [queries, heads·headSize], keys and values [keys, keyValueHeads·headSize]. */
export interface CausalLayout {
  heads: number;
  /** Divides `heads`: so many heads share each key head (Ainslie et al. 2023, arXiv:2305.13245). */
  keyValueHeads: number;
  headSize: number;
  queries: number;
  keys: number;
  /** First key that each query sees; the last is the query's own row plus `past`. */
  first: Int32Array;
  /** One past the last query that sees each key. */
  end: Int32Array;
  /** Keys before the first query's own; only with a single sequence. */
  past: number;
  /** Most keys that a query sees. */
  span: number;
}

/**
 * @param lengths of the sequences, in order
 * @param past keys that were computed earlier and stand before the queries' own (generation); only with one sequence
 * @param room rows of keys and values, when there are more than are seen
 */
export function causalLayout(
  lengths: readonly number[],
  sizes: { heads: number; keyValueHeads: number; headSize: number },
  past = 0,
  room: number | null = null,
): CausalLayout {
  assert(past === 0 || lengths.length === 1, 'earlier keys belong to one sequence');
  const queries = lengths.reduce((sum, length) => sum + length, 0);
  const keys = room ?? queries + past;
  const first = new Int32Array(queries);
  const end = new Int32Array(keys);
  let at = 0;
  let span = 0;
  for (const length of lengths) {
    first.fill(at, at, at + length);
    end.fill(at + length, at, at + length + past);
    at += length;
    span = Math.max(span, length + past);
  }
  const { heads, keyValueHeads, headSize } = sizes;
  return { heads, keyValueHeads, headSize, queries, keys, first, end, past, span };
}

/** Number of the probability of key `j` for query `i` of head `h`, for dropout. */
export const probabilityIndex = ({ heads, span }: CausalLayout, i: number, h: number, offset: number): number =>
  (i * heads + h) * span + offset;

/** Factor of dropout for one probability. */
export function dropFactor(drop: DropoutKey, index: number): number {
  if (drop.rate === 0) return 1;
  return elementBits(drop.key, index) < dropThreshold(drop.rate) ? 0 : 1 / (1 - drop.rate);
}
