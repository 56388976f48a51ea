/** AdamW's update of one parameter in place (Loshchilov & Hutter, arXiv:1711.05101), and the sum of squares for clipping. */
import { REALS, loadSome, madd, storeSome } from './vector';

/** Elements that are looked at together: small enough that a row of an embedding which never occurs is found at rest. */
const PIECE: i32 = 128;
/** Elements of one partial sum of squares. */
const RUN: i32 = 16384;

/** Whether the gradient is zero from `from` to `end`. */
function atRest(from: usize, end: usize): bool {
  const zero = f32x4.splat(0);
  for (; from + 16 <= end; from += 16) if (v128.any_true(f32x4.ne(v128.load(from), zero))) return false;
  for (; from < end; from += 4) if (load<f32>(from) !== 0) return false;
  return true;
}

/**
 * Arguments: weight, gradient, first moment, second moment, a word a piece that says whether it ever had a gradient; size.
 * Reals: clipping factor, β₁, 1 − β₁, β₂, 1 − β₂, 1 − learning rate · decay, learning rate ÷ (1 − β₁ᵗ), 1 ÷ √(1 − β₂ᵗ), ε.
 * A unit of work is a piece. One without a gradient so far has moments of zero and is only decayed, which is what the formula comes to there.
 */
export function adamw(args: usize, from: i32, to: i32): void {
  const weight = load<usize>(args);
  const gradient = load<usize>(args, 4);
  const first = load<usize>(args, 8);
  const second = load<usize>(args, 12);
  const moved = load<usize>(args, 16);
  const size = load<i32>(args, 20);
  const kept = v128.load32_splat(args, REALS + 20);
  for (let piece = from; piece < to; piece++) {
    const start = piece * PIECE;
    const end = min(start + PIECE, size);
    const at = <usize>start << 2;
    const flag = moved + (<usize>piece << 2);
    if (load<i32>(flag) === 0 && atRest(gradient + at, gradient + (<usize>end << 2))) {
      for (let i = start; i < end; i += 4) {
        const offset = <usize>i << 2;
        storeSome(weight + offset, f32x4.mul(loadSome(weight + offset, end - i), kept), end - i);
      }
      continue;
    }
    store<i32>(flag, 1);
    updatePiece(weight + at, gradient + at, first + at, second + at, end - start, args + REALS);
  }
}

function updatePiece(weight: usize, gradient: usize, first: usize, second: usize, count: i32, reals: usize): void {
  const scale = v128.load32_splat(reals);
  const beta1 = v128.load32_splat(reals, 4);
  const rest1 = v128.load32_splat(reals, 8);
  const beta2 = v128.load32_splat(reals, 12);
  const rest2 = v128.load32_splat(reals, 16);
  const kept = v128.load32_splat(reals, 20);
  const rate = v128.load32_splat(reals, 24);
  const root = v128.load32_splat(reals, 28);
  const epsilon = v128.load32_splat(reals, 32);
  for (; count > 0; count -= 4) {
    const g = f32x4.mul(loadSome(gradient, count), scale);
    const m = madd(f32x4.mul(loadSome(first, count), beta1), g, rest1);
    const v = madd(f32x4.mul(loadSome(second, count), beta2), f32x4.mul(g, g), rest2);
    storeSome(first, m, count);
    storeSome(second, v, count);
    const step = f32x4.div(f32x4.mul(rate, m), madd(epsilon, f32x4.sqrt(v), root));
    storeSome(weight, f32x4.sub(f32x4.mul(loadSome(weight, count), kept), step), count);
    weight += 16;
    gradient += 16;
    first += 16;
    second += 16;
  }
}

/** Arguments: values; sums (f64, one a unit); size. A unit of work is a run of 16,384 values, summed in double precision. */
export function sumOfSquares(args: usize, from: i32, to: i32): void {
  const values = load<usize>(args);
  const sums = load<usize>(args, 4);
  const size = load<i32>(args, 8);
  for (let unit = from; unit < to; unit++) {
    const end = min((unit + 1) * RUN, size);
    let low = f64x2.splat(0);
    let high = low;
    for (let i = unit * RUN; i < end; i += 4) {
      const x = loadSome(values + (<usize>i << 2), end - i);
      const a = f64x2.promote_low_f32x4(x);
      const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
    }
    const both = f64x2.add(low, high);
    store<f64>(sums + (<usize>unit << 3), f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1));
  }
}
