/** What every kernel uses: arithmetic on four values at once. */

/** sum + a·b on four values; one rounding where the engine offers fused multiply-add (relaxed SIMD). */
@inline
export function madd(sum: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, sum);
  return f32x4.add(sum, f32x4.mul(a, b));
}
