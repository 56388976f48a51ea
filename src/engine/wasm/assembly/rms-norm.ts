/** RMS norm over rows, also of a sum, and its gradients. */
import { REALS, loadSome, madd, storeSome, total } from './vector';

/**
 * Arguments: x, branch (0 for none), gamma, states (x + branch; without a branch x itself), y, inverse root mean square a row; width. Real: ε.
 * A unit of work is a row.
 */
export function rmsNorm(args: usize, from: i32, to: i32): void {
  const branches = load<usize>(args, 4);
  const gamma = load<usize>(args, 8);
  const width = load<i32>(args, 24);
  const epsilon = load<f32>(args, REALS);
  for (let row = from; row < to; row++) {
    const at = <usize>row * (<usize>width << 2);
    const x = load<usize>(args) + at;
    const states = load<usize>(args, 12) + at;
    const y = load<usize>(args, 16) + at;
    let squares = f32x4.splat(0);
    for (let j = 0; j < width; j += 4) {
      const offset = <usize>j << 2;
      let value = loadSome(x + offset, width - j);
      if (branches) {
        value = f32x4.add(value, loadSome(branches + at + offset, width - j));
        storeSome(states + offset, value, width - j);
      }
      squares = madd(squares, value, value);
    }
    const inverse = <f32>1 / sqrt<f32>(total(squares) / <f32>width + epsilon);
    store<f32>(load<usize>(args, 20) + (<usize>row << 2), inverse);
    const factor = f32x4.splat(inverse);
    for (let j = 0; j < width; j += 4) {
      const offset = <usize>j << 2;
      storeSome(y + offset, f32x4.mul(f32x4.mul(loadSome(states + offset, width - j), factor), loadSome(gamma + offset, width - j)), width - j);
    }
  }
}

/** Arguments: dy, states, inverse root mean square, gamma, what is added (0 for nothing), gradient of the states; width. A unit of work is a row. */
export function rmsNormGradient(args: usize, from: i32, to: i32): void {
  const gamma = load<usize>(args, 12);
  const plus = load<usize>(args, 16);
  const width = load<i32>(args, 24);
  for (let row = from; row < to; row++) {
    const at = <usize>row * (<usize>width << 2);
    const dy = load<usize>(args) + at;
    const states = load<usize>(args, 4) + at;
    const gradient = load<usize>(args, 20) + at;
    const inverse = load<f32>(load<usize>(args, 8) + (<usize>row << 2));
    let along = f32x4.splat(0);
    for (let j = 0; j < width; j += 4) {
      const offset = <usize>j << 2;
      const scaled = f32x4.mul(loadSome(dy + offset, width - j), loadSome(gamma + offset, width - j));
      along = madd(along, scaled, loadSome(states + offset, width - j));
    }
    const mean = f32x4.splat((total(along) * inverse * inverse) / <f32>width);
    const factor = f32x4.splat(inverse);
    for (let j = 0; j < width; j += 4) {
      const offset = <usize>j << 2;
      const scaled = f32x4.mul(loadSome(dy + offset, width - j), loadSome(gamma + offset, width - j));
      let value = f32x4.mul(f32x4.sub(scaled, f32x4.mul(loadSome(states + offset, width - j), mean)), factor);
      if (plus) value = f32x4.add(value, loadSome(plus + at + offset, width - j));
      storeSome(gradient + offset, value, width - j);
    }
  }
}

/** Rows that are summed before they are added to the total, which keeps the rounding error of long sums small. */
const RUN: i32 = 64;

/** Arguments: dy, x, inverse root mean square, gradient of gamma; rows, width. A unit of work is four columns. */
export function rmsNormSums(args: usize, from: i32, to: i32): void {
  const rows = load<i32>(args, 16);
  const width = load<i32>(args, 20);
  const stride = <usize>width << 2;
  for (let unit = from; unit < to; unit++) {
    const count = width - (unit << 2);
    const offset = <usize>unit << 4;
    let dy = load<usize>(args) + offset;
    let x = load<usize>(args, 4) + offset;
    let inverse = load<usize>(args, 8);
    let sums = f32x4.splat(0);
    for (let i = 0; i < rows; ) {
      const end = min(i + RUN, rows);
      let sum = f32x4.splat(0);
      for (; i < end; i++) {
        sum = madd(sum, f32x4.mul(loadSome(dy, count), loadSome(x, count)), v128.load32_splat(inverse));
        dy += stride;
        x += stride;
        inverse += 4;
      }
      sums = f32x4.add(sums, sum);
    }
    storeSome(load<usize>(args, 12) + offset, sums, count);
  }
}
