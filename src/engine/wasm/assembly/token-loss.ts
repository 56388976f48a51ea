/** Log-probabilities of given tokens and the gradient of the logits, a row of the vocabulary at a time. */
import { ln } from './ln';
import { exp4, largest, loadSome, storeSome, total } from './vector';

/** Values that are summed before they are added to the total, which keeps the rounding error of long sums small. */
const RUN: i32 = 256;

/** log Σ exp of `count` values. */
function logSumExp(row: usize, count: i32): f64 {
  const most = largest(row, count);
  const shift = f32x4.splat(most);
  const zero = f32x4.splat(0);
  let sum: f64 = 0;
  for (let j = 0; j < count; ) {
    const end = min(j + RUN, count);
    let sums = zero;
    for (; j + 3 < end; j += 4) sums = f32x4.add(sums, exp4(f32x4.sub(v128.load(row + (<usize>j << 2)), shift)));
    for (; j < end; j++) sum += f32x4.extract_lane(exp4(f32x4.splat(load<f32>(row + (<usize>j << 2)) - most)), 0);
    sum += total(sums);
  }
  return <f64>most + ln(sum);
}

/** Arguments: logits, labels, log-probabilities; width. A unit of work is a row. */
export function tokenLogProbabilities(args: usize, from: i32, to: i32): void {
  const width = load<i32>(args, 12);
  for (let row = from; row < to; row++) {
    const logits = load<usize>(args) + <usize>row * (<usize>width << 2);
    const offset = <usize>row << 2;
    const label = load<i32>(load<usize>(args, 4) + offset);
    store<f32>(load<usize>(args, 8) + offset, <f32>(<f64>load<f32>(logits + (<usize>label << 2)) - logSumExp(logits, width)));
  }
}

/** Arguments: dy, logits, labels, gradient of the logits dy · (1[c = label] − softmax); width. A unit of work is a row. */
export function tokenLogitGradient(args: usize, from: i32, to: i32): void {
  const width = load<i32>(args, 16);
  for (let row = from; row < to; row++) {
    const at = <usize>row * (<usize>width << 2);
    const logits = load<usize>(args, 4) + at;
    const gradient = load<usize>(args, 12) + at;
    const dy = load<f32>(load<usize>(args) + (<usize>row << 2));
    const share = f32x4.splat(-dy);
    const logSum = f32x4.splat(<f32>logSumExp(logits, width));
    for (let c = 0; c < width; c += 4) {
      const offset = <usize>c << 2;
      storeSome(gradient + offset, f32x4.mul(share, exp4(f32x4.sub(loadSome(logits + offset, width - c), logSum))), width - c);
    }
    const label = gradient + (<usize>load<i32>(load<usize>(args, 8) + (<usize>row << 2)) << 2);
    store<f32>(label, load<f32>(label) + dy);
  }
}
