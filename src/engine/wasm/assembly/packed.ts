/**
 * Matrices in blocks of 32 values along a row, `bits` words a block: w = d·q + m with q of 4 or 8 bits and, after the last block, one word a block
 * for d and m of half precision; or, with 16 bits, halves (kernels/packed/matrix.ts). They are unpacked a panel at a time, on the way into the
 * matrix product.
 */
import { FEW, multiplyFew } from './few-rows';
import { multiply, PACKED_A } from './gemm';
import { packAlong } from './pack';
import { madd } from './vector';

/** Columns of the product in a unit of work; and of a panel. */
const UNIT: i32 = 32;
const PANEL: i32 = 8;
const BLOCK: i32 = 32;

/** The value of a half precision pattern; infinities and NaNs were refused when the matrix was made. */
@inline
function half(bits: u32): f32 {
  const magnitude = reinterpret<f32>((bits & 0x7fff) << 13) * <f32>5.192296858534828e33;
  return bits & 0x8000 ? -magnitude : magnitude;
}

/** As `half`, of four patterns, each in the upper half of a lane: shifted with their sign, of which one bit is kept. */
@inline
function halves(upper: v128): v128 {
  return f32x4.mul(v128.and(i32x4.shr_s(upper, 3), i32x4.splat(0x8fffe000)), f32x4.splat(5.192296858534828e33));
}

/** Writes 32 halves as values, eight at once, `step` bytes apart. */
function unpackHalves(from: usize, to: usize, step: usize): void {
  const zero = i32x4.splat(0);
  for (let i = 0; i < BLOCK; i += 8) {
    const eight = v128.load(from);
    v128.store(to, halves(v128.shuffle<i16>(zero, eight, 0, 8, 1, 9, 2, 10, 3, 11)));
    v128.store(to, halves(v128.shuffle<i16>(zero, eight, 4, 12, 5, 13, 6, 14, 7, 15)), 16);
    from += 16;
    to += step;
  }
}

/** Eight integers of 16 bits as d·q + m. */
@inline
function storeEight(q: v128, d: v128, m: v128, to: usize): void {
  v128.store(to, madd(m, d, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(q))));
  v128.store(to, madd(m, d, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(q))), 16);
}

/** Writes a block's 32 values, eight at once, `step` bytes apart. */
function unpackBlock(values: usize, scale: u32, bits: i32, to: usize, step: usize): void {
  const d = f32x4.splat(half(scale));
  const m = f32x4.splat(half(scale >> 16));
  const bytes = v128.load(values);
  if (bits === 8) {
    const more = v128.load(values, 16);
    storeEight(i16x8.extend_low_i8x16_s(bytes), d, m, to);
    storeEight(i16x8.extend_high_i8x16_s(bytes), d, m, to + step);
    storeEight(i16x8.extend_low_i8x16_s(more), d, m, to + 2 * step);
    storeEight(i16x8.extend_high_i8x16_s(more), d, m, to + 3 * step);
    return;
  }
  const low = v128.and(bytes, i8x16.splat(15));
  const high = i8x16.shr_u(bytes, 4);
  storeEight(i16x8.extend_low_i8x16_u(low), d, m, to);
  storeEight(i16x8.extend_high_i8x16_u(low), d, m, to + step);
  storeEight(i16x8.extend_low_i8x16_u(high), d, m, to + 2 * step);
  storeEight(i16x8.extend_high_i8x16_u(high), d, m, to + 3 * step);
}

/** `count` blocks from number `first` on, `apart` bytes from one to the next. */
function unpackBlocks(words: usize, scales: usize, bits: i32, first: i32, count: i32, to: usize, apart: usize, step: usize): void {
  for (let block = first; block < first + count; block++) {
    const values = words + <usize>(block * bits << 2);
    if (bits === 16) unpackHalves(values, to, step);
    else unpackBlock(values, load<u32>(scales + (<usize>block << 2)), bits, to, step);
    to += apart;
  }
}

/**
 * Packs `count` columns of B from `first` on and `depth` steps from `k` on, as pack.ts does, unpacking them. `along`: the blocks run along the
 * depth, as in a weight [N, K]; `panel` is scratch memory for eight rows of it. All but `count` along and `depth` across are multiples of 32.
 */
export function packBlocks(words: usize, scales: usize, bits: i32, blocksPerRow: i32, along: i32, first: i32, count: i32, k: i32, depth: i32, panels: usize, panel: usize): void {
  const stride = <usize>depth << 2;
  if (along) {
    for (let n = 0; n < count; n += PANEL) {
      const lanes = min(PANEL, count - n);
      for (let lane = 0; lane < lanes; lane++) {
        const block = (first + n + lane) * blocksPerRow + k / BLOCK;
        unpackBlocks(words, scales, bits, block, depth / BLOCK, panel + <usize>lane * stride, 4 * BLOCK, 4 * PANEL);
      }
      packAlong(panel, stride, lanes, PANEL, depth, panels + <usize>n * stride);
    }
    return;
  }
  for (let row = 0; row < depth; row++)
    unpackBlocks(words, scales, bits, (k + row) * blocksPerRow + first / BLOCK, count / BLOCK, panels + <usize>(row * 4 * PANEL), BLOCK * stride, PANEL * stride);
}

/** C = A·Bᵀ (+ bias) for a few rows of A: up to eight rows of B are unpacked in the place of packed A, and met by all of them. */
function multiplyFewPacked(a: usize, words: usize, scales: usize, bits: i32, c: usize, columns: i32, bias: usize, rows: i32, left: i32, right: i32, depth: i32, scratch: usize): void {
  const stride = <usize>depth << 2;
  const blocks = depth / BLOCK;
  const most = min(PANEL, <i32>(PACKED_A / stride));
  for (let j = left; j < right; j += most) {
    const count = min(most, right - j);
    const offset = <usize>j << 2;
    unpackBlocks(words, scales, bits, j * blocks, count * blocks, scratch, 4 * BLOCK, 4 * PANEL);
    multiplyFew(a, stride, scratch, stride, 1, c + offset, <usize>columns << 2, bias ? bias + offset : 0, rows, 0, count, depth);
  }
}

/** Arguments: A, words of B, C, bias or 0; M, N, K; 1 if B lies as [N, K]; the word at which the scales begin, bits, blocks a row. A unit: 32 columns of C. */
export function packedGemm(args: usize, from: i32, to: i32, scratch: usize): void {
  const words = load<usize>(args, 4);
  const rows = load<i32>(args, 16);
  const columns = load<i32>(args, 20);
  const depth = load<i32>(args, 24);
  const transposed = load<i32>(args, 28);
  const scales = words + (<usize>load<i32>(args, 32) << 2);
  const bits = load<i32>(args, 36);
  const a = load<usize>(args);
  const c = load<usize>(args, 8);
  const bias = load<usize>(args, 12);
  const left = from * UNIT;
  const right = min(to * UNIT, columns);
  if (transposed && rows <= FEW && <usize>depth << 2 <= PACKED_A) multiplyFewPacked(a, words, scales, bits, c, columns, bias, rows, left, right, depth, scratch);
  else multiply(a, <usize>depth << 2, 0, words, load<usize>(args, 40), transposed, c, <usize>columns << 2, bias, 0, rows, left, right, depth, scratch, false, bits, scales);
}

/** Arguments: words, ids, rows; the word at which the scales begin, bits, blocks a row. A unit: one id, whose row is written. */
export function packedRows(args: usize, from: i32, to: i32): void {
  const words = load<usize>(args);
  const ids = load<usize>(args, 4);
  const rows = load<usize>(args, 8);
  const scales = words + (<usize>load<i32>(args, 12) << 2);
  const bits = load<i32>(args, 16);
  const blocks = load<i32>(args, 20);
  for (let i = from; i < to; i++)
    unpackBlocks(words, scales, bits, load<i32>(ids + (<usize>i << 2)) * blocks, blocks, rows + <usize>(i * blocks) * (4 * BLOCK), 4 * BLOCK, 4 * PANEL);
}
