/** What every kernel uses: arithmetic on four values at once, and rows whose length is no multiple of four. */

/** The real numbers among a kernel's arguments lie behind 24 words. */
export const REALS: usize = 96;

/** sum + a·b on four values; one rounding where the engine offers fused multiply-add (relaxed SIMD). */
@inline
export function madd(sum: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, sum);
  return f32x4.add(sum, f32x4.mul(a, b));
}

/** eˣ on four values, to about one unit in the last place (polynomial of Cephes' expf); the argument is held within ±87. */
@inline
export function exp4(x: v128): v128 {
  const held = f32x4.max(f32x4.min(x, f32x4.splat(87)), f32x4.splat(-87));
  const n = f32x4.nearest(f32x4.mul(held, f32x4.splat(1.44269504088896341)));
  let r = madd(held, n, f32x4.splat(-0.693359375));
  r = madd(r, n, f32x4.splat(2.12194440e-4));
  let y = madd(f32x4.splat(1.3981999507e-3), f32x4.splat(1.9875691500e-4), r);
  y = madd(f32x4.splat(8.3334519073e-3), y, r);
  y = madd(f32x4.splat(4.1665795894e-2), y, r);
  y = madd(f32x4.splat(1.6666665459e-1), y, r);
  y = madd(f32x4.splat(5.0000001201e-1), y, r);
  y = f32x4.add(madd(r, f32x4.mul(r, r), y), f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(y, power);
}

/** The sum of the four values. */
@inline
export function total(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

/** The first `count` (1 to 4) values at an address; the others are zero. */
@inline
export function loadSome(from: usize, count: i32): v128 {
  if (count >= 4) return v128.load(from);
  if (count === 1) return v128.load32_zero(from);
  const pair = v128.load64_zero(from);
  return count === 2 ? pair : v128.load_lane<f32>(from, pair, 2, 8);
}

/** Stores the first `count` (1 to 4) values. */
@inline
export function storeSome(to: usize, x: v128, count: i32): void {
  if (count >= 4) {
    v128.store(to, x);
    return;
  }
  store<f32>(to, f32x4.extract_lane(x, 0));
  if (count > 1) store<f32>(to, f32x4.extract_lane(x, 1), 4);
  if (count > 2) store<f32>(to, f32x4.extract_lane(x, 2), 8);
}

/** The largest of `count` (at least 1) values. */
export function largest(from: usize, count: i32): f32 {
  const end = from + (<usize>count << 2);
  const whole = from + (<usize>(count & -4) << 2);
  let lanes = f32x4.splat(-Infinity);
  for (; from < whole; from += 16) lanes = f32x4.max(lanes, v128.load(from));
  let most = max(max(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1)), max(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3)));
  for (; from < end; from += 4) most = max(most, load<f32>(from));
  return most;
}
