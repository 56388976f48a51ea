/**
 * Frozen matrices kept packed: as values of half precision, or in blocks of 32 values along a row, each value w = d·q +
 * m with q of 4 or 8 bits and d, m of half precision a block: what F16 tensors and GGUF's Q8_0 (m = 0, q signed), Q4_0
 * (m = −8·d) and Q4_1 hold, without loss.
 */
import { must } from '../../../base/assert';
import * as tf from '@tensorflow/tfjs-core';
import { TabtuneError } from '../../../base/errors';
import { halfValues } from '../../../formats/dtype';
import { halfOf } from '../../../formats/gguf/quantize';
import { GGUF_TYPES } from '../../../formats/gguf/types';
import type { PackedBlocks, PackedType } from '../../../formats/tensor';

/** Bits a value; 16 are half precision. */
export type Bits = 4 | 8 | 16;

/** Rows are whole blocks of so many values, which take `bits` words. */
export const BLOCK = 32;

/**
 * A matrix on the active backend. Its words (int32, little-endian bytes as in the file): for each block the q of its 32
 * values in `bits` words, with 4 bits the first half of the block in the low nibbles; after the last block one word for
 * each, d in the low half, m in the high one. With 16 bits the values themselves, two a word, and nothing after them.
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

  /** Where the words of d and m begin, or would. */
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
export const packedWords = (size: number, bits: Bits): number => (size / BLOCK) * (bits === 16 ? bits : bits + 1);

const BITS: Record<PackedType, Bits> = { F16: 16, Q8_0: 8, Q4_0: 4, Q4_1: 4 };
export const bitsOf = (type: PackedType): Bits => BITS[type];

/**
 * Puts a packed matrix on the active backend.
 * @param name for errors
 * @throws `bad-model` when a half, or a block's d or m, is no finite number
 */
export function packedMatrix(packed: PackedBlocks, name: string): PackedMatrix {
  const bits = bitsOf(packed.type);
  return new PackedMatrix(
    tf.tensor1d(bits === 16 ? wordsOfHalves(packed, name) : wordsOfBlocks(packed, bits, name), 'int32'),
    packed.shape,
    bits,
  );
}

function wordsOfHalves({ bytes }: PackedBlocks, name: string): Int32Array {
  const { buffer } = new Uint8Array(bytes);
  if (new Uint16Array(buffer).some(isInfinite))
    throw new TabtuneError('bad-model', `The tensor "${name}" has a value that is no finite number.`, {
      place: { tensor: name },
      fix: DAMAGED,
    });
  return new Int32Array(buffer);
}

function wordsOfBlocks({ type, shape, bytes }: PackedBlocks, bits: Bits, name: string): Int32Array {
  const blocks = (shape[0] * shape[1]) / BLOCK;
  const words = new Int32Array(blocks * (bits + 1));
  const quants = new Uint8Array(words.buffer);
  const { blockBytes } = GGUF_TYPES[type];
  const head = blockBytes - 4 * bits;
  for (let block = 0, at = 0; block < blocks; block++, at += blockBytes) {
    const d = must(bytes[at]) | (must(bytes[at + 1]) << 8);
    const m =
      type === 'Q4_1' ? must(bytes[at + 2]) | (must(bytes[at + 3]) << 8) : type === 'Q4_0' ? timesMinusEight(d) : 0;
    if (isInfinite(d) || isInfinite(m))
      throw new TabtuneError('bad-model', `The packed tensor "${name}" has a block whose scale is no finite number.`, {
        place: { tensor: name },
        fix: DAMAGED,
      });
    words[blocks * bits + block] = d | (m << 16);
    for (let i = 0, to = 4 * bits * block; i < 4 * bits; i++) quants[to + i] = must(bytes[at + head + i]);
  }
  return words;
}

const DAMAGED = 'The file is damaged: download or convert it again.';

/** Infinite or not a number, as a pattern of half precision. */
const isInfinite = (half: number): boolean => (half & 0x7c00) === 0x7c00;

/** −8 times a value of half precision: the exponent grows by three, nothing is rounded. */
const timesMinusEight = (half: number): number => halfOf(-8 * must(halfValues()[half]));
