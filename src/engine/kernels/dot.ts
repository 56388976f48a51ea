/** A dot product over parts of two arrays. */
import { must } from '../../base/assert';

/** Σ a·b over `size` values; four sums at once, because one alone waits for every addition. */
export function dot(a: Float32Array, atA: number, b: Float32Array, atB: number, size: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let d = 0;
  for (; d + 3 < size; d += 4) {
    s0 += must(a[atA + d]) * must(b[atB + d]);
    s1 += must(a[atA + d + 1]) * must(b[atB + d + 1]);
    s2 += must(a[atA + d + 2]) * must(b[atB + d + 2]);
    s3 += must(a[atA + d + 3]) * must(b[atB + d + 3]);
  }
  for (; d < size; d++) s0 += must(a[atA + d]) * must(b[atB + d]);
  return s0 + s1 + (s2 + s3);
}
