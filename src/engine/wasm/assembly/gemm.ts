/**
 * The matrix product C [M, N] = A·B (+ a bias a column) on packed panels, as in Goto & van de Geijn, "Anatomy of High-Performance Matrix
 * Multiplication" (2008). Either operand may lie transposed; every element of C is summed in the same order however the work is split.
 */
import { FEW, multiplyFew } from './few-rows';
import { packAcross, packAlong } from './pack';
import { packBlocks } from './packed';
import { madd } from './vector';

/** The tile that is kept in registers: 4 × 8, with the four broadcast values and two vectors of B 14 of the 15 that V8 hands out. */
const TILE_ROWS: i32 = 4;
const TILE_COLUMNS: i32 = 8;
/**
 * Depth that is summed at once, and then added to what C holds: short sums are exacter (of 512 at once, the logits of a decoder were off by three
 * times as much). One panel of B (6 KB) stays in the first cache. A divisor of usual widths and a multiple of packed blocks' 32.
 */
const DEPTH: i32 = 192;
/** Rows of A (192 KB packed) and columns of B (48 KB packed) that are worked on at once. */
const BLOCK_ROWS: i32 = 256;
const BLOCK_COLUMNS: i32 = 64;

/** What a tile of C is added to. */
const FROM_ZERO: i32 = 0;
const FROM_BIAS: i32 = 1;
const FROM_OUTPUT: i32 = 2;

/** Bytes of packed A, which comes first in scratch memory. */
export const PACKED_A: usize = <usize>(4 * DEPTH * BLOCK_ROWS);

/** Bytes of scratch memory: packed A, packed B, one tile, and one panel of B unpacked from blocks. */
export const GEMM_SCRATCH: usize = <usize>(4 * DEPTH * (BLOCK_ROWS + BLOCK_COLUMNS + TILE_COLUMNS) + 4 * TILE_ROWS * TILE_COLUMNS);

/**
 * One tile over two panels. The loop stays a single step of depth: V8 unrolls it by itself, whereas in a longer body it moves all loads to
 * the front and runs out of registers (half the speed).
 */
function tile(a: usize, b: usize, depth: i32, c: usize, stride: usize, start: i32, bias: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  const second = c + stride;
  const third = second + stride;
  const fourth = third + stride;
  const end = b + (<usize>depth << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = madd(c00, x, b0);
    c01 = madd(c01, x, b1);
    x = v128.load32_splat(a, 4);
    c10 = madd(c10, x, b0);
    c11 = madd(c11, x, b1);
    x = v128.load32_splat(a, 8);
    c20 = madd(c20, x, b0);
    c21 = madd(c21, x, b1);
    x = v128.load32_splat(a, 12);
    c30 = madd(c30, x, b0);
    c31 = madd(c31, x, b1);
    a += 16;
    b += 32;
  }
  if (start === FROM_BIAS) {
    const bias0 = v128.load(bias);
    const bias1 = v128.load(bias, 16);
    c00 = f32x4.add(c00, bias0);
    c01 = f32x4.add(c01, bias1);
    c10 = f32x4.add(c10, bias0);
    c11 = f32x4.add(c11, bias1);
    c20 = f32x4.add(c20, bias0);
    c21 = f32x4.add(c21, bias1);
    c30 = f32x4.add(c30, bias0);
    c31 = f32x4.add(c31, bias1);
  } else if (start === FROM_OUTPUT) {
    c00 = f32x4.add(c00, v128.load(c));
    c01 = f32x4.add(c01, v128.load(c, 16));
    c10 = f32x4.add(c10, v128.load(second));
    c11 = f32x4.add(c11, v128.load(second, 16));
    c20 = f32x4.add(c20, v128.load(third));
    c21 = f32x4.add(c21, v128.load(third, 16));
    c30 = f32x4.add(c30, v128.load(fourth));
    c31 = f32x4.add(c31, v128.load(fourth, 16));
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(second, c10);
  v128.store(second, c11, 16);
  v128.store(third, c20);
  v128.store(third, c21, 16);
  v128.store(fourth, c30);
  v128.store(fourth, c31, 16);
}

/** A tile at the edge of C, by way of a whole one in scratch memory. */
function edgeTile(a: usize, b: usize, depth: i32, c: usize, stride: usize, start: i32, bias: usize, rows: i32, columns: i32, whole: usize): void {
  memory.fill(whole, 0, 4 * TILE_ROWS * TILE_COLUMNS);
  const width = <usize>(4 * TILE_COLUMNS);
  if (start !== FROM_ZERO)
    for (let i = 0; i < rows; i++) memory.copy(whole + <usize>i * width, start === FROM_BIAS ? bias : c + <usize>i * stride, <usize>columns << 2);
  tile(a, b, depth, whole, width, FROM_OUTPUT, 0);
  for (let i = 0; i < rows; i++) memory.copy(c + <usize>i * stride, whole + <usize>i * width, <usize>columns << 2);
}

/** Tiles of one packed block of A (`rows` × `depth`) and one of B (`depth` × `columns`); `c` is the corner of C that they belong to. */
function multiplyBlocks(packedA: usize, packedB: usize, depth: i32, rows: i32, columns: i32, c: usize, stride: usize, start: i32, bias: usize, whole: usize): void {
  for (let j = 0; j < columns; j += TILE_COLUMNS) {
    const panelB = packedB + (<usize>(j * depth) << 2);
    const left = c + (<usize>j << 2);
    const biases = bias + (<usize>j << 2);
    for (let i = 0; i < rows; i += TILE_ROWS) {
      const panelA = packedA + (<usize>(i * depth) << 2);
      const corner = left + <usize>i * stride;
      if (i + TILE_ROWS <= rows && j + TILE_COLUMNS <= columns) tile(panelA, panelB, depth, corner, stride, start, biases);
      else edgeTile(panelA, panelB, depth, corner, stride, start, biases, min(TILE_ROWS, rows - i), min(TILE_COLUMNS, columns - j), whole);
    }
  }
}

/** Packs `count` rows (A) or columns (B) from `first` on and `depth` steps from `k` on; `along`: their depth runs along memory. */
function pack(matrix: usize, stride: usize, along: i32, first: i32, count: i32, k: i32, depth: i32, lanes: i32, panels: usize): void {
  for (let n = 0; n < count; n += lanes) {
    const panel = panels + (<usize>(n * depth) << 2);
    const lane = <usize>(first + n);
    const step = <usize>k;
    if (along) packAlong(matrix + lane * stride + (step << 2), stride, min(lanes, count - n), lanes, depth, panel);
    else packAcross(matrix + step * stride + (lane << 2), stride, min(lanes, count - n), lanes, depth, panel);
  }
}

/**
 * C = A·B (+ bias a column, or 0) for rows [top, bottom) and columns [left, right) of C. Strides are bytes from one row as stored to the
 * next; `transposedA`: A lies as [K, M]; `transposedB`: B lies as [N, K]; `onto`: the product is added to what C holds. With `bits` (4, 8 or 16) B is in
 * blocks (packed.ts): `b` are the words of their values, `scales` those of their scales, `strideB` blocks a row as stored; `left` and, unless
 * transposed, `right` are multiples of 32.
 */
export function multiply(
  a: usize,
  strideA: usize,
  transposedA: i32,
  b: usize,
  strideB: usize,
  transposedB: i32,
  c: usize,
  stride: usize,
  bias: usize,
  top: i32,
  bottom: i32,
  left: i32,
  right: i32,
  depth: i32,
  scratch: usize,
  onto: boolean = false,
  bits: i32 = 0,
  scales: usize = 0,
): void {
  const packedB = scratch + PACKED_A;
  const whole = packedB + <usize>(4 * DEPTH * BLOCK_COLUMNS);
  for (let i = top; i < bottom; i += BLOCK_ROWS) {
    const height = min(BLOCK_ROWS, bottom - i);
    for (let k = 0; k < depth; k += DEPTH) {
      const deep = min(DEPTH, depth - k);
      const start = onto || k > 0 ? FROM_OUTPUT : bias ? FROM_BIAS : FROM_ZERO;
      pack(a, strideA, transposedA ? 0 : 1, i, height, k, deep, TILE_ROWS, scratch);
      for (let j = left; j < right; j += BLOCK_COLUMNS) {
        const width = min(BLOCK_COLUMNS, right - j);
        if (bits) packBlocks(b, scales, bits, <i32>strideB, transposedB, j, width, k, deep, packedB, whole + <usize>(4 * TILE_ROWS * TILE_COLUMNS));
        else pack(b, strideB, transposedB, j, width, k, deep, TILE_COLUMNS, packedB);
        multiplyBlocks(scratch, packedB, deep, height, width, c + <usize>i * stride + (<usize>j << 2), stride, start, bias + (<usize>j << 2), whole);
      }
    }
  }
}

/**
 * Arguments: A, B, C, bias or 0; M, N, K; 1 if A lies as [K, M]; 1 if B lies as [N, K]; 1 if the work is split by rows.
 * A unit of work is a row of tiles (4 rows of C) or a column of tiles (8 columns).
 */
export function gemm(args: usize, from: i32, to: i32, scratch: usize): void {
  const rows = load<i32>(args, 16);
  const columns = load<i32>(args, 20);
  const depth = load<i32>(args, 24);
  const transposedA = load<i32>(args, 28);
  const transposedB = load<i32>(args, 32);
  const byRows = load<i32>(args, 36);
  const a = load<usize>(args);
  const strideA = <usize>(transposedA ? rows : depth) << 2;
  const b = load<usize>(args, 4);
  const strideB = <usize>(transposedB ? depth : columns) << 2;
  const c = load<usize>(args, 8);
  const stride = <usize>columns << 2;
  const bias = load<usize>(args, 12);
  const left = byRows ? 0 : from * TILE_COLUMNS;
  const right = byRows ? columns : min(to * TILE_COLUMNS, columns);
  if (rows <= FEW && !transposedA && !byRows) {
    multiplyFew(a, strideA, b, strideB, transposedB, c, stride, bias, rows, left, right, depth);
    return;
  }
  const top = byRows ? from * TILE_ROWS : 0;
  const bottom = byRows ? min(to * TILE_ROWS, rows) : rows;
  multiply(a, strideA, transposedA, b, strideB, transposedB, c, stride, bias, top, bottom, left, right, depth, scratch);
}
