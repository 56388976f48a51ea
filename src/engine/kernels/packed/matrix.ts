/**
 * Frozen matrices kept in blocks of 32 values along a row, each value w = d·q + m with q of 4 or 8 bits and d, m of half precision a block: what
 * GGUF's Q8_0 (m = 0, q signed), Q4_0 (m = −8·d) and Q4_1 hold, without loss.
 */
import * as tf from '@tensorflow/tfjs-core';
import { TabtuneError } from '../../../base/errors';
import { halfValues } from '../../../formats/dtype';
import { halfOf } from '../../../formats/gguf/quantize';
import { GGUF_TYPES } from '../../../formats/gguf/types';
import type { PackedBlocks } from '../../../formats/tensor';

/** Bits a value. */
export type Bits = 4 | 8;

export const BLOCK = 32;

/**
 * A matrix on the active backend. Its words (int32, little-endian bytes as in the file): for each block the q of its 32 values in `bits` words,
 * with 4 bits the first half of the block in the low nibbles; after the last block one word for each, d in the low half, m in the high one.
 */
export class PackedMatrix {
  readonly words: tf.Tensor1D;
  readonly shape: readonly [rows: number, columns: number];
  readonly bits: Bits;

  constructor(words: tf.Tensor1D, shape: readonly [number, number], bits: Bits) {
    this.words = words;
    this.shape = shape;
    this.bits = bits;
  }

  get size(): number {
    return this.shape[0] * this.shape[1];
  }

  /** Where the words of d and m begin. */
  get scalesAt(): number {
    return (this.size / BLOCK) * this.bits;
  }

  dispose(): void {
    this.words.dispose();
  }
}

/** A matrix as layers take it: values, or frozen blocks. */
export type Matrix = tf.Tensor2D | PackedMatrix;

/** Words of `size` values. */
export const packedWords = (size: number, bits: Bits): number => (size / BLOCK) * (bits + 1);

export const bitsOf = (type: PackedBlocks['type']): Bits => (type === 'Q8_0' ? 8 : 4);

/**
 * Puts blocks on the active backend.
 * @param name for errors
 * @throws `bad-model` when a block's d or m is no finite number
 */
export function packedMatrix({ type, shape, bytes }: PackedBlocks, name: string): PackedMatrix {
  const bits = bitsOf(type);
  const blocks = (shape[0] * shape[1]) / BLOCK;
  const words = new Int32Array(blocks * (bits + 1));
  const quants = new Uint8Array(words.buffer);
  const { blockBytes } = GGUF_TYPES[type];
  const head = blockBytes - 4 * bits;
  for (let block = 0, at = 0; block < blocks; block++, at += blockBytes) {
    const d = bytes[at]! | (bytes[at + 1]! << 8);
    const m = type === 'Q4_1' ? bytes[at + 2]! | (bytes[at + 3]! << 8) : type === 'Q4_0' ? timesMinusEight(d) : 0;
    if (isInfinite(d) || isInfinite(m))
      throw new TabtuneError('bad-model', `The packed tensor "${name}" has a block whose scale is no finite number.`, { place: { tensor: name }, fix: 'The file is damaged: download or convert it again.' });
    words[blocks * bits + block] = d | (m << 16);
    for (let i = 0, to = 4 * bits * block; i < 4 * bits; i++) quants[to + i] = bytes[at + head + i]!;
  }
  return new PackedMatrix(tf.tensor1d(words, 'int32'), shape, bits);
}

/** Infinite or not a number, as a pattern of half precision. */
const isInfinite = (half: number): boolean => (half & 0x7c00) === 0x7c00;

/** −8 times a value of half precision: the exponent grows by three, nothing is rounded. */
const timesMinusEight = (half: number): number => halfOf(-8 * halfValues()[half]!);
