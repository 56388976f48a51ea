/** The natural logarithm, without the tables of the standard library: data of the module would land in tfjs's memory. */

/** ln x of a positive, normal number, to 1e-13: ln(m · 2ᵉ) = e · ln 2 + 2 · artanh((m − 1) ÷ (m + 1)), with m within √½ … √2. */
export function ln(x: f64): f64 {
  const bits = reinterpret<i64>(x);
  let exponent = <i32>(bits >> 52) - 1023;
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    exponent++;
  }
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let sum: f64 = 1.0 / 15;
  for (let n = 13; n > 0; n -= 2) sum = sum * square + 1.0 / <f64>n;
  return <f64>exponent * 0.6931471805599453 + 2 * s * sum;
}
