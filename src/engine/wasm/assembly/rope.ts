/** Rotary position embedding: the first half of each head is turned against the second by its row's angles. */
import { REALS, loadSome, madd, storeSome } from './vector';

/** Arguments: x, cosines, sines (half a head a row), y; width of a row, half the size of a head. Real: 1, or −1 to turn back. A unit of work is a row. */
export function rope(args: usize, from: i32, to: i32): void {
  const width = load<i32>(args, 16);
  const half = load<i32>(args, 20);
  const direction = f32x4.splat(load<f32>(args, REALS));
  const middle = <usize>half << 2;
  for (let row = from; row < to; row++) {
    const cosines = load<usize>(args, 4) + <usize>row * middle;
    const sines = load<usize>(args, 8) + <usize>row * middle;
    for (let head = 0; head < width; head += half << 1) {
      const at = <usize>(row * width + head) << 2;
      const x = load<usize>(args) + at;
      const y = load<usize>(args, 12) + at;
      for (let d = 0; d < half; d += 4) {
        const offset = <usize>d << 2;
        const cos = loadSome(cosines + offset, half - d);
        const sin = f32x4.mul(loadSome(sines + offset, half - d), direction);
        const first = loadSome(x + offset, half - d);
        const second = loadSome(x + middle + offset, half - d);
        storeSome(y + offset, madd(f32x4.mul(first, cos), f32x4.neg(second), sin), half - d);
        storeSome(y + middle + offset, madd(f32x4.mul(second, cos), first, sin), half - d);
      }
    }
  }
}
