/**
 * Causal attention over sequences laid one after the other, with grouped key heads, and its gradient: a block of queries of one sequence at a
 * time, products on packed panels and a softmax a row between them. The gradient computes the probabilities again.
 *
 * The arguments of both begin with: q, k, v, context, log Σ exp of each query's scores; blocks (three words each: first query, one past the
 * last, first key of the sequence); heads, key heads, head size, earlier keys; key and threshold of the dropout (0: none), most keys that a
 * query sees. Reals: 1 ÷ √head size, factor of what dropout keeps.
 */
import { dropFactors } from './dropout';
import { FEW, multiplyFew } from './few-rows';
import { GEMM_SCRATCH, multiply } from './gemm';
import { ln } from './ln';
import { REALS, exp4, largest, loadSome, madd, storeSome, total } from './vector';

/** C = A·B, or A·Bᵀ where B lies `transposed`. */
function product(a: usize, strideA: usize, b: usize, strideB: usize, transposed: i32, c: usize, stride: usize, rows: i32, columns: i32, depth: i32, scratch: usize): void {
  if (rows <= FEW) multiplyFew(a, strideA, b, strideB, transposed, c, stride, 0, rows, 0, columns, depth);
  else multiply(a, strideA, 0, b, strideB, transposed, c, stride, 0, 0, rows, 0, columns, depth, scratch);
}

/** exp(scale · x − shift) of `count` values in place, zeros from there to `length`; returns the sum. */
function exponentials(row: usize, count: i32, length: i32, scale: f32, shift: f32): f32 {
  let sums = f32x4.splat(0);
  for (let j = 0; j < count; j += 4) {
    const at = row + (<usize>j << 2);
    storeSome(at, exp4(f32x4.sub(f32x4.mul(loadSome(at, count - j), f32x4.splat(scale)), f32x4.splat(shift))), count - j);
    sums = f32x4.add(sums, loadSome(at, count - j));
  }
  memory.fill(row + (<usize>count << 2), 0, <usize>(length - count) << 2);
  return total(sums);
}

/** row = factor · row. */
function scaleRow(row: usize, count: i32, factor: f32): void {
  for (let j = 0; j < count; j += 4) {
    const at = row + (<usize>j << 2);
    storeSome(at, f32x4.mul(loadSome(at, count - j), f32x4.splat(factor)), count - j);
  }
}

/** Number of the first probability of a query's row, from which dropout counts. */
@inline
function rowIndex(args: usize, query: i32, head: i32): i32 {
  return (query * load<i32>(args, 24) + head) * load<i32>(args, 48);
}

/** row times its dropout factors. */
function dropRow(args: usize, row: usize, count: i32, index: i32): void {
  const keep = load<f32>(args, REALS + 4);
  for (let j = 0; j < count; j += 4) {
    const at = row + (<usize>j << 2);
    storeSome(at, f32x4.mul(loadSome(at, count - j), dropFactors(load<i32>(args, 40), index + j, load<u32>(args, 44), keep)), count - j);
  }
}

/** A unit of work is a head of a block. Scratch: behind the product's, a row of scores for each query of a block. */
export function causalAttention(args: usize, from: i32, to: i32, scratch: usize): void {
  const heads = load<i32>(args, 24);
  const keyHeads = load<i32>(args, 28);
  const size = load<i32>(args, 32);
  const past = load<i32>(args, 36);
  const scale = load<f32>(args, REALS);
  const width = <usize>(heads * size) << 2;
  const keyWidth = <usize>(keyHeads * size) << 2;
  const scores = scratch + GEMM_SCRATCH;
  for (let unit = from; unit < to; unit++) {
    const block = load<usize>(args, 20) + <usize>(unit / heads) * 12;
    const head = unit % heads;
    const first = load<i32>(block);
    const rows = load<i32>(block, 4) - first;
    const start = load<i32>(block, 8);
    const before = first + past - start;
    const seen = before + rows;
    const stride = <usize>seen << 2;
    const mine = <usize>first * width + (<usize>(head * size) << 2);
    const group = <usize>start * keyWidth + (<usize>((head / (heads / keyHeads)) * size) << 2);
    product(load<usize>(args) + mine, width, load<usize>(args, 4) + group, keyWidth, 1, scores, stride, rows, seen, size, scratch);
    for (let i = 0; i < rows; i++) {
      const row = scores + <usize>i * stride;
      const count = before + i + 1;
      const most = scale * largest(row, count);
      const sum = exponentials(row, count, seen, scale, most);
      scaleRow(row, count, <f32>1 / sum);
      store<f32>(load<usize>(args, 16) + (<usize>((first + i) * heads + head) << 2), most + <f32>ln(sum));
      if (load<u32>(args, 44)) dropRow(args, row, count, rowIndex(args, first + i, head));
    }
    product(scores, stride, load<usize>(args, 8) + group, keyWidth, 0, load<usize>(args, 12) + mine, width, rows, size, seen, scratch);
  }
}

/**
 * Turns a row of probabilities and one of their gradients into the weights of the values and the gradient of the scores:
 * p → p · factor, g → (g · factor − along) · p · scale.
 */
function scoreGradient(args: usize, probabilities: usize, gradient: usize, count: i32, index: i32, along: f32): void {
  const dropped = load<u32>(args, 44) !== 0;
  if (dropped) dropRow(args, gradient, count, index);
  const scale = f32x4.splat(load<f32>(args, REALS));
  for (let j = 0; j < count; j += 4) {
    const offset = <usize>j << 2;
    const slope = f32x4.mul(loadSome(probabilities + offset, count - j), scale);
    storeSome(gradient + offset, f32x4.mul(f32x4.sub(loadSome(gradient + offset, count - j), f32x4.splat(along)), slope), count - j);
  }
  if (dropped) dropRow(args, probabilities, count, index);
}

/** Σ a·b over `count` values. */
function dot(a: usize, b: usize, count: i32): f32 {
  let sums = f32x4.splat(0);
  for (let j = 0; j < count; j += 4) sums = madd(sums, loadSome(a + (<usize>j << 2), count - j), loadSome(b + (<usize>j << 2), count - j));
  return total(sums);
}

/** The part of one head of one block: dq is written, dk and dv are added to. `weights` and `gradients` hold a row a query each. */
function headGradient(args: usize, block: usize, head: i32, weights: usize, gradients: usize, scratch: usize): void {
  const heads = load<i32>(args, 24);
  const keyHeads = load<i32>(args, 28);
  const size = load<i32>(args, 32);
  const width = <usize>(heads * size) << 2;
  const keyWidth = <usize>(keyHeads * size) << 2;
  const first = load<i32>(block);
  const rows = load<i32>(block, 4) - first;
  const start = load<i32>(block, 8);
  const before = first + load<i32>(args, 36) - start;
  const seen = before + rows;
  const stride = <usize>seen << 2;
  const mine = <usize>first * width + (<usize>(head * size) << 2);
  const group = <usize>start * keyWidth + (<usize>((head / (heads / keyHeads)) * size) << 2);
  const q = load<usize>(args) + mine;
  const k = load<usize>(args, 4) + group;
  const dy = load<usize>(args, 56) + mine;
  multiply(q, width, 0, k, keyWidth, 1, weights, stride, 0, 0, rows, 0, seen, size, scratch);
  multiply(dy, width, 0, load<usize>(args, 8) + group, keyWidth, 1, gradients, stride, 0, 0, rows, 0, seen, size, scratch);
  for (let i = 0; i < rows; i++) {
    const offset = <usize>i * stride;
    const count = before + i + 1;
    exponentials(weights + offset, count, seen, load<f32>(args, REALS), load<f32>(load<usize>(args, 16) + (<usize>((first + i) * heads + head) << 2)));
    const along = dot(dy + <usize>i * width, load<usize>(args, 12) + mine + <usize>i * width, size);
    scoreGradient(args, weights + offset, gradients + offset, count, rowIndex(args, first + i, head), along);
    memory.fill(gradients + offset + (<usize>count << 2), 0, <usize>(seen - count) << 2);
  }
  multiply(gradients, stride, 0, k, keyWidth, 0, load<usize>(args, 60) + mine, width, 0, 0, rows, 0, size, seen, scratch);
  multiply(gradients, stride, 1, q, width, 0, load<usize>(args, 64) + group, keyWidth, 0, 0, seen, 0, size, rows, scratch, true);
  multiply(weights, stride, 1, dy, width, 0, load<usize>(args, 68) + group, keyWidth, 0, 0, seen, 0, size, rows, scratch, true);
}

/**
 * Further arguments, from word 14 on: dy, dq, dk, dv; sequences (the number of each one's first block, and that of all blocks); queries in the
 * largest block. A unit of work is a key head of a sequence. Scratch: behind the product's, two rows of scores for each query of a block.
 */
export function causalAttentionGradient(args: usize, from: i32, to: i32, scratch: usize): void {
  const keyHeads = load<i32>(args, 28);
  const shared = load<i32>(args, 24) / keyHeads;
  const size = load<i32>(args, 32);
  const keyWidth = <usize>(keyHeads * size) << 2;
  const weights = scratch + GEMM_SCRATCH;
  const gradients = weights + (<usize>(load<i32>(args, 48) * load<i32>(args, 76)) << 2);
  for (let unit = from; unit < to; unit++) {
    const sequence = load<usize>(args, 72) + (<usize>(unit / keyHeads) << 2);
    const keyHead = unit % keyHeads;
    const blocks = load<usize>(args, 20);
    const last = load<i32>(sequence, 4);
    const end = load<i32>(blocks + <usize>(last - 1) * 12, 4) + load<i32>(args, 36);
    for (let j = load<i32>(blocks + <usize>load<i32>(sequence) * 12, 8); j < end; j++) {
      const offset = <usize>j * keyWidth + (<usize>(keyHead * size) << 2);
      memory.fill(load<usize>(args, 64) + offset, 0, <usize>size << 2);
      memory.fill(load<usize>(args, 68) + offset, 0, <usize>size << 2);
    }
    for (let block = load<i32>(sequence); block < last; block++)
      for (let head = keyHead * shared; head < (keyHead + 1) * shared; head++) headGradient(args, blocks + <usize>block * 12, head, weights, gradients, scratch);
  }
}
