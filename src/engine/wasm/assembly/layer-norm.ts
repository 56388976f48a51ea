/** Layer norm over rows, and its gradients. */
import { REALS, loadSome, madd, storeSome, total } from './vector';

/** Arguments: x, gamma, beta, y, normalized, inverse deviation a row; width. Real: ε. A unit of work is a row. */
export function layerNorm(args: usize, from: i32, to: i32): void {
  const width = load<i32>(args, 24);
  const gamma = load<usize>(args, 4);
  const beta = load<usize>(args, 8);
  const epsilon = load<f32>(args, REALS);
  for (let row = from; row < to; row++) {
    const at = <usize>row * (<usize>width << 2);
    const x = load<usize>(args) + at;
    const y = load<usize>(args, 12) + at;
    const normalized = load<usize>(args, 16) + at;
    let sums = f32x4.splat(0);
    for (let j = 0; j < width; j += 4) sums = f32x4.add(sums, loadSome(x + (<usize>j << 2), width - j));
    const mean = f32x4.splat(total(sums) / <f32>width);
    let squares = f32x4.splat(0);
    let j = 0;
    for (; j + 4 <= width; j += 4) {
      const centred = f32x4.sub(v128.load(x + (<usize>j << 2)), mean);
      squares = madd(squares, centred, centred);
    }
    let square = total(squares);
    for (; j < width; j++) {
      const centred = load<f32>(x + (<usize>j << 2)) - f32x4.extract_lane(mean, 0);
      square += centred * centred;
    }
    const inverse = <f32>1 / sqrt<f32>(square / <f32>width + epsilon);
    store<f32>(load<usize>(args, 20) + (<usize>row << 2), inverse);
    const factor = f32x4.splat(inverse);
    for (let j = 0; j < width; j += 4) {
      const offset = <usize>j << 2;
      const value = f32x4.mul(f32x4.sub(loadSome(x + offset, width - j), mean), factor);
      storeSome(normalized + offset, value, width - j);
      storeSome(y + offset, madd(loadSome(beta + offset, width - j), value, loadSome(gamma + offset, width - j)), width - j);
    }
  }
}

/** Arguments: dy, normalized, inverse deviation, gamma, dx; width. A unit of work is a row. */
export function layerNormGradient(args: usize, from: i32, to: i32): void {
  const gamma = load<usize>(args, 12);
  const width = load<i32>(args, 20);
  for (let row = from; row < to; row++) {
    const at = <usize>row * (<usize>width << 2);
    const dy = load<usize>(args) + at;
    const normalized = load<usize>(args, 4) + at;
    const dx = load<usize>(args, 16) + at;
    let sums = f32x4.splat(0);
    let along = f32x4.splat(0);
    for (let j = 0; j < width; j += 4) {
      const offset = <usize>j << 2;
      const scaled = f32x4.mul(loadSome(dy + offset, width - j), loadSome(gamma + offset, width - j));
      sums = f32x4.add(sums, scaled);
      along = madd(along, scaled, loadSome(normalized + offset, width - j));
    }
    const meanGradient = f32x4.splat(total(sums) / <f32>width);
    const meanAlong = f32x4.splat(total(along) / <f32>width);
    const factor = v128.load32_splat(load<usize>(args, 8) + (<usize>row << 2));
    for (let j = 0; j < width; j += 4) {
      const offset = <usize>j << 2;
      const scaled = f32x4.mul(loadSome(dy + offset, width - j), loadSome(gamma + offset, width - j));
      const rest = f32x4.sub(f32x4.sub(scaled, meanGradient), f32x4.mul(loadSome(normalized + offset, width - j), meanAlong));
      storeSome(dx + offset, f32x4.mul(rest, factor), width - j);
    }
  }
}

/** Rows that are summed before they are added to the total, which keeps the rounding error of long sums small. */
const RUN: i32 = 64;

/** Arguments: dy, normalized, gradients of gamma and of beta; rows, width. A unit of work is four columns. */
export function layerNormSums(args: usize, from: i32, to: i32): void {
  const rows = load<i32>(args, 16);
  const width = load<i32>(args, 20);
  const stride = <usize>width << 2;
  for (let unit = from; unit < to; unit++) {
    const column = unit << 2;
    const count = width - column;
    const offset = <usize>column << 2;
    let dy = load<usize>(args) + offset;
    let normalized = load<usize>(args, 4) + offset;
    let gammas = f32x4.splat(0);
    let betas = gammas;
    for (let i = 0; i < rows; ) {
      const end = min(i + RUN, rows);
      let gamma = f32x4.splat(0);
      let beta = gamma;
      for (; i < end; i++) {
        const gradient = loadSome(dy, count);
        gamma = madd(gamma, gradient, loadSome(normalized, count));
        beta = f32x4.add(beta, gradient);
        dy += stride;
        normalized += stride;
      }
      gammas = f32x4.add(gammas, gamma);
      betas = f32x4.add(betas, beta);
    }
    storeSome(load<usize>(args, 8) + offset, gammas, count);
    storeSome(load<usize>(args, 12) + offset, betas, count);
  }
}
