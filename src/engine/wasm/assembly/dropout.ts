/** Inverted dropout; the decisions are those of kernels/dropout/mask.ts, which makes them anywhere from a key and an index. */
import { REALS, loadSome, storeSome } from './vector';

/** Elements of a unit of work. */
const UNIT: i32 = 1024;

@inline
function mix(value: v128): v128 {
  let h = value;
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 16)), i32x4.splat(0x85ebca6b));
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 13)), i32x4.splat(0xc2b2ae35));
  return v128.xor(h, i32x4.shr_u(h, 16));
}

/** Factors of the elements `index` to `index` + 3: 0 where dropped, `keep` elsewhere. */
@inline
export function dropFactors(key: i32, index: i32, threshold: u32, keep: f32): v128 {
  const counters = i32x4.mul(i32x4.add(i32x4.splat(index), i32x4(1, 2, 3, 4)), i32x4.splat(0x9e3779b1));
  const bits = mix(v128.xor(i32x4.splat(key), counters));
  return v128.andnot(f32x4.splat(keep), i32x4.lt_u(bits, i32x4.splat(<i32>threshold)));
}

/** Arguments: x, out; size, key, threshold; real: the factor of what is kept. */
export function dropout(args: usize, from: i32, to: i32): void {
  const x = load<usize>(args);
  const out = load<usize>(args, 4);
  const size = load<i32>(args, 8);
  const key = load<i32>(args, 12);
  const threshold = load<u32>(args, 16);
  const keep = load<f32>(args, REALS);
  const end = min(to * UNIT, size);
  for (let i = from * UNIT; i < end; i += 4) {
    const offset = <usize>i << 2;
    storeSome(out + offset, f32x4.mul(loadSome(x + offset, end - i), dropFactors(key, i, threshold, keep)), end - i);
  }
}
