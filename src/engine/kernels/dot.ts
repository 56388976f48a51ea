/** A dot product over parts of two arrays. */

/** Σ a·b over `size` values; four sums at once, because one alone waits for every addition. */
export function dot(a: Float32Array, atA: number, b: Float32Array, atB: number, size: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let d = 0;
  for (; d + 3 < size; d += 4) {
    s0 += a[atA + d]! * b[atB + d]!;
    s1 += a[atA + d + 1]! * b[atB + d + 1]!;
    s2 += a[atA + d + 2]! * b[atB + d + 2]!;
    s3 += a[atA + d + 3]! * b[atB + d + 3]!;
  }
  for (; d < size; d++) s0 += a[atA + d]! * b[atB + d]!;
  return s0 + s1 + (s2 + s3);
}
