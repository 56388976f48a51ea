/** Products of a few rows, as when one token after the other is written: B is read once, as it lies, and nothing is packed. */
import { loadSome, madd, storeSome } from './vector';

/** Products of up to so many rows come here. */
export const FEW: i32 = 8;

/** Columns whose sums are kept in the first cache while B goes by. */
const STRIP: i32 = 512;

/** The sums of four vectors. */
@inline
function totals(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 1, 4, 5), v128.shuffle<f32>(a, b, 2, 3, 6, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 1, 4, 5), v128.shuffle<f32>(c, d, 2, 3, 6, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 2, 4, 6), v128.shuffle<f32>(ab, cd, 1, 3, 5, 7));
}

/** The products of one row with `count` (1 to 4) rows of B. */
function dots(a: usize, b: usize, strideB: usize, count: i32, depth: i32): v128 {
  const second = b + (count > 1 ? strideB : 0);
  const third = second + (count > 2 ? strideB : 0);
  const fourth = third + (count > 3 ? strideB : 0);
  let sum0 = f32x4.splat(0);
  let sum1 = sum0;
  let sum2 = sum0;
  let sum3 = sum0;
  const end = <usize>(depth & -4) << 2;
  let at: usize = 0;
  for (; at < end; at += 16) {
    const x = v128.load(a + at);
    sum0 = madd(sum0, x, v128.load(b + at));
    sum1 = madd(sum1, x, v128.load(second + at));
    sum2 = madd(sum2, x, v128.load(third + at));
    sum3 = madd(sum3, x, v128.load(fourth + at));
  }
  const left = depth & 3;
  if (left) {
    const x = loadSome(a + at, left);
    sum0 = madd(sum0, x, loadSome(b + at, left));
    sum1 = madd(sum1, x, loadSome(second + at, left));
    sum2 = madd(sum2, x, loadSome(third + at, left));
    sum3 = madd(sum3, x, loadSome(fourth + at, left));
  }
  return totals(sum0, sum1, sum2, sum3);
}

/** B lies as [N, K]: four of its rows at a time meet every row of A. */
function alongDepth(a: usize, strideA: usize, b: usize, strideB: usize, c: usize, stride: usize, bias: usize, rows: i32, left: i32, right: i32, depth: i32): void {
  for (let j = left; j < right; j += 4) {
    const count = min(4, right - j);
    const offset = <usize>j << 2;
    const panel = b + <usize>j * strideB;
    const start = bias ? loadSome(bias + offset, count) : f32x4.splat(0);
    for (let i = 0; i < rows; i++) storeSome(c + <usize>i * stride + offset, f32x4.add(dots(a + <usize>i * strideA, panel, strideB, count, depth), start), count);
  }
}

/** sums += a0·b0 + a1·b1 + a2·b2 + a3·b3 over `columns` columns; with fewer `steps` the others count as zero. */
function addFour(a: usize, b: usize, strideB: usize, steps: i32, sums: usize, columns: i32): void {
  const zero = f32x4.splat(0);
  const a0 = v128.load32_splat(a);
  const a1 = steps > 1 ? v128.load32_splat(a, 4) : zero;
  const a2 = steps > 2 ? v128.load32_splat(a, 8) : zero;
  const a3 = steps > 3 ? v128.load32_splat(a, 12) : zero;
  const second = b + (steps > 1 ? strideB : 0);
  const third = second + (steps > 2 ? strideB : 0);
  const fourth = third + (steps > 3 ? strideB : 0);
  const end = <usize>(columns & -4) << 2;
  let at: usize = 0;
  for (; at < end; at += 16) {
    let sum = madd(v128.load(sums + at), a0, v128.load(b + at));
    sum = madd(sum, a1, v128.load(second + at));
    sum = madd(sum, a2, v128.load(third + at));
    v128.store(sums + at, madd(sum, a3, v128.load(fourth + at)));
  }
  const left = columns & 3;
  if (!left) return;
  let sum = madd(loadSome(sums + at, left), a0, loadSome(b + at, left));
  sum = madd(sum, a1, loadSome(second + at, left));
  sum = madd(sum, a2, loadSome(third + at, left));
  storeSome(sums + at, madd(sum, a3, loadSome(fourth + at, left)), left);
}

/** B lies as [K, N]: its rows are added up, four at a time. */
function acrossDepth(a: usize, strideA: usize, b: usize, strideB: usize, c: usize, stride: usize, bias: usize, rows: i32, left: i32, right: i32, depth: i32): void {
  for (let j = left; j < right; j += STRIP) {
    const columns = min(STRIP, right - j);
    const offset = <usize>j << 2;
    for (let i = 0; i < rows; i++) {
      const sums = c + <usize>i * stride + offset;
      if (bias) memory.copy(sums, bias + offset, <usize>columns << 2);
      else memory.fill(sums, 0, <usize>columns << 2);
    }
    for (let k = 0; k < depth; k += 4)
      for (let i = 0; i < rows; i++)
        addFour(a + <usize>i * strideA + (<usize>k << 2), b + <usize>k * strideB + offset, strideB, min(4, depth - k), c + <usize>i * stride + offset, columns);
  }
}

/** C = A·B (+ bias a column, or 0) for columns [left, right) of C and `rows` rows; strides are bytes, `transposedB`: B lies as [N, K]. */
export function multiplyFew(a: usize, strideA: usize, b: usize, strideB: usize, transposedB: i32, c: usize, stride: usize, bias: usize, rows: i32, left: i32, right: i32, depth: i32): void {
  if (transposedB) alongDepth(a, strideA, b, strideB, c, stride, bias, rows, left, right, depth);
  else acrossDepth(a, strideA, b, strideB, c, stride, bias, rows, left, right, depth);
}
