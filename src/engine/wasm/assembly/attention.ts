/**
 * Multi-head self-attention and its gradient, one (row of the batch, head) a unit of work: products on packed panels, a softmax a row between
 * them. Keys past the last real one of a row are left out of everything; padding before it is masked.
 */
import { dropFactors } from './dropout';
import { GEMM_SCRATCH, multiply } from './gemm';
import { REALS, exp4, loadSome, madd, storeSome, total } from './vector';

/** Stands for the score of a padding key. */
const MASKED: f32 = -1e30;

/** Number of keys up to the last real one. */
function keyCount(keep: usize, length: i32): i32 {
  let count = length;
  while (count > 0 && load<f32>(keep + (<usize>(count - 1) << 2)) === 0) count--;
  return count;
}

/** softmax(scale · scores) over `count` keys in place, with `keep` 1 for a real key and 0 for padding; zeros from there to `length`. */
function softmax(row: usize, keep: usize, count: i32, length: i32, scale: f32): void {
  const zero = f32x4.splat(0);
  let highest = f32x4.splat(MASKED);
  for (let j = 0; j < count; j += 4) {
    const offset = <usize>j << 2;
    const real = f32x4.ne(loadSome(keep + offset, count - j), zero);
    const score = v128.bitselect(f32x4.mul(loadSome(row + offset, count - j), f32x4.splat(scale)), f32x4.splat(MASKED), real);
    highest = f32x4.max(highest, score);
    storeSome(row + offset, score, count - j);
  }
  const most = max(max(f32x4.extract_lane(highest, 0), f32x4.extract_lane(highest, 1)), max(f32x4.extract_lane(highest, 2), f32x4.extract_lane(highest, 3)));
  let sums = zero;
  for (let j = 0; j < count; j += 4) {
    const offset = <usize>j << 2;
    const mass = f32x4.mul(exp4(f32x4.sub(loadSome(row + offset, count - j), f32x4.splat(most))), loadSome(keep + offset, count - j));
    sums = f32x4.add(sums, mass);
    storeSome(row + offset, mass, count - j);
  }
  const sum = total(sums);
  const share = f32x4.splat(sum === 0 ? 0 : <f32>1 / sum);
  for (let j = 0; j < count; j += 4) storeSome(row + (<usize>j << 2), f32x4.mul(loadSome(row + (<usize>j << 2), count - j), share), count - j);
  memory.fill(row + (<usize>count << 2), 0, <usize>(length - count) << 2);
}

/** out = x times the dropout factors of the elements from `index` on. */
function dropRow(x: usize, out: usize, count: i32, key: i32, index: i32, threshold: u32, factor: f32): void {
  for (let j = 0; j < count; j += 4) {
    const offset = <usize>j << 2;
    storeSome(out + offset, f32x4.mul(loadSome(x + offset, count - j), dropFactors(key, index + j, threshold, factor)), count - j);
  }
}

/** The probabilities that values are weighted with: those given, or with dropout a copy in `out`. */
function weights(probabilities: usize, out: usize, count: i32, length: i32, unit: i32, args: usize): usize {
  const threshold = load<u32>(args, 52);
  if (threshold === 0) return probabilities;
  for (let i = 0; i < length; i++) {
    const offset = <usize>(i * length) << 2;
    dropRow(probabilities + offset, out + offset, count, load<i32>(args, 48), (unit * length + i) * length, threshold, load<f32>(args, REALS + 4));
  }
  return out;
}

/**
 * Arguments: q, k, v, context, probabilities, keep (1 or 0 a key); then, from word 9 on: length, heads, head size, key and threshold of the
 * dropout (0: none). Reals: 1 ÷ √head size, factor of what dropout keeps. Scratch: behind the product's, a length × length matrix.
 */
export function attention(args: usize, from: i32, to: i32, scratch: usize): void {
  const length = load<i32>(args, 36);
  const heads = load<i32>(args, 40);
  const size = load<i32>(args, 44);
  const stride = <usize>(heads * size) << 2;
  const square = <usize>length << 2;
  for (let unit = from; unit < to; unit++) {
    const row = unit / heads;
    const at = <usize>(row * length) * stride + (<usize>((unit % heads) * size) << 2);
    const keep = load<usize>(args, 20) + <usize>row * square;
    const probabilities = load<usize>(args, 16) + <usize>unit * <usize>length * square;
    const count = keyCount(keep, length);
    multiply(load<usize>(args) + at, stride, 0, load<usize>(args, 4) + at, stride, 1, probabilities, square, 0, 0, length, 0, count, size, scratch);
    for (let i = 0; i < length; i++) softmax(probabilities + <usize>i * square, keep, count, length, load<f32>(args, REALS));
    const weighting = weights(probabilities, scratch + GEMM_SCRATCH, count, length, unit, args);
    const context = load<usize>(args, 12) + at;
    if (count > 0) multiply(weighting, square, 0, load<usize>(args, 8) + at, stride, 0, context, stride, 0, 0, length, 0, size, count, scratch);
    else clearRows(context, stride, 0, length, size);
  }
}

function clearRows(matrix: usize, stride: usize, from: i32, to: i32, size: i32): void {
  for (let i = from; i < to; i++) memory.fill(matrix + <usize>i * stride, 0, <usize>size << 2);
}

/** Gradient of the scores from that of the probabilities, in place: (dp − Σ dp·p) · p · scale. */
function softmaxGradient(gradient: usize, probabilities: usize, count: i32, scale: f32): void {
  let sums = f32x4.splat(0);
  for (let j = 0; j < count; j += 4) {
    const offset = <usize>j << 2;
    sums = madd(sums, loadSome(gradient + offset, count - j), loadSome(probabilities + offset, count - j));
  }
  const along = f32x4.splat(total(sums));
  for (let j = 0; j < count; j += 4) {
    const offset = <usize>j << 2;
    const centred = f32x4.sub(loadSome(gradient + offset, count - j), along);
    storeSome(gradient + offset, f32x4.mul(f32x4.mul(centred, loadSome(probabilities + offset, count - j)), f32x4.splat(scale)), count - j);
  }
}

/**
 * Arguments: q, k, v, dy, probabilities, keep, dq, dk, dv; then as in `attention`. Scratch: behind the product's, two length × length matrices.
 */
export function attentionGradient(args: usize, from: i32, to: i32, scratch: usize): void {
  const length = load<i32>(args, 36);
  const heads = load<i32>(args, 40);
  const size = load<i32>(args, 44);
  const threshold = load<u32>(args, 52);
  const stride = <usize>(heads * size) << 2;
  const square = <usize>length << 2;
  const scores = scratch + GEMM_SCRATCH;
  for (let unit = from; unit < to; unit++) {
    const row = unit / heads;
    const at = <usize>(row * length) * stride + (<usize>((unit % heads) * size) << 2);
    const probabilities = load<usize>(args, 16) + <usize>unit * <usize>length * square;
    const count = keyCount(load<usize>(args, 20) + <usize>row * square, length);
    const dy = load<usize>(args, 12) + at;
    const dq = load<usize>(args, 24) + at;
    const dk = load<usize>(args, 28) + at;
    const dv = load<usize>(args, 32) + at;
    clearRows(dk, stride, count, length, size);
    clearRows(dv, stride, count, length, size);
    if (count === 0) {
      clearRows(dq, stride, 0, length, size);
      continue;
    }
    const weighting = weights(probabilities, scores + <usize>length * square, count, length, unit, args);
    multiply(weighting, square, 1, dy, stride, 0, dv, stride, 0, 0, count, 0, size, length, scratch);
    multiply(dy, stride, 0, load<usize>(args, 8) + at, stride, 1, scores, square, 0, 0, length, 0, count, size, scratch);
    for (let i = 0; i < length; i++) {
      const gradient = scores + <usize>i * square;
      if (threshold) dropRow(gradient, gradient, count, load<i32>(args, 48), (unit * length + i) * length, threshold, load<f32>(args, REALS + 4));
      softmaxGradient(gradient, probabilities + <usize>i * square, count, load<f32>(args, REALS));
    }
    multiply(scores, square, 0, load<usize>(args, 4) + at, stride, 0, dq, stride, 0, 0, length, 0, size, count, scratch);
    multiply(scores, square, 1, load<usize>(args) + at, stride, 0, dk, stride, 0, 0, count, 0, size, length, scratch);
  }
}
