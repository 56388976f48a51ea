/** What a matrix product is of. */
import type { Bits } from '../packed/matrix';
import type { GeluForm } from '../gelu/reference';

/** What a kernel is made for, beside the layout. */
export interface Operands {
  /**
   * Layers of one input that are computed together, each with its own weight. NT: A times each B, in planes C[parts, m,
   * n]; NN: the sum over the planes of A[parts, m, k], each times its B; TN: each plane of A[parts, k, m] times the one
   * B, in a C for each.
   */
  parts: number;
  /**
   * Each plane of A times a B of its own (in TN a plane of the one B), for a C of its own (in NT and NN a plane of the
   * one C).
   */
  apart: boolean;
  /**
   * A, or C in the layout NT, is a tensor for each part instead of planes of one; with C also what is added to it. (In
   * TN C always is.)
   */
  split: 'a' | 'c' | null;
  /** Adds bias[n] to every row; in NT with parts one for each. */
  bias: boolean;
  /**
   * Bits a value of B where it is a packed matrix (kernels/packed), else null. Never so in the layout TN, or with
   * parts.
   */
  packed: Bits | null;
  /** Multiplies the sums by a number. */
  scaled: boolean;
  /** Dropout of the values of A, of B or of the sums, by their places in memory; each part has a key of its own. */
  drop: 'a' | 'b' | 'sums' | null;
  /** The result is gelu of the sums and of what is added, and its slope a second result. */
  gelu: GeluForm | null;
  /** Multiplies the result by `times`[m, n]. */
  times: boolean;
  /**
   * Tensors that are added to the result: of each how many planes [m, n] are added up, 1 for one that lies as C does.
   * Where C is split, one for each part.
   */
  plus: readonly number[];
  /**
   * TN: the sums of A's columns, [m], are further results, one for each part: a bias gradient beside the weight
   * gradient.
   */
  columnSums: boolean;
}
