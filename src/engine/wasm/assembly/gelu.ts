/** GELU and its derivative, exact and by its tanh approximation. */
import { exp4, loadSome, madd, storeSome } from './vector';

/** Elements of a unit of work. */
const UNIT: i32 = 1024;
const CUBIC: f32 = 0.044715;
/** √(2/π) and 1/√(2π). */
const ROOT: f32 = 0.79788456080286536;
const DENSITY: f32 = 0.39894228040143268;

/** Arguments: x, y, derivative; size; 1 for the approximation. */
export function gelu(args: usize, from: i32, to: i32): void {
  const x = load<usize>(args);
  const y = load<usize>(args, 4);
  const derivative = load<usize>(args, 8);
  const size = load<i32>(args, 12);
  const approximate = load<i32>(args, 16);
  const end = min(to * UNIT, size);
  for (let i = from * UNIT; i < end; i += 4) {
    const offset = <usize>i << 2;
    if (approximate) tanhForm(x + offset, y + offset, derivative + offset, end - i);
    else exactForm(x + offset, y + offset, derivative + offset, end - i);
  }
}

/** Normal distribution by Abramowitz & Stegun 7.1.26 (error below 1.5e-7); its exponential is the density's as well. */
function exactForm(from: usize, y: usize, derivative: usize, count: i32): void {
  const x = loadSome(from, count);
  const one = f32x4.splat(1);
  const z = f32x4.mul(f32x4.abs(x), f32x4.splat(0.70710678118654752));
  const bell = exp4(f32x4.neg(f32x4.mul(z, z)));
  const t = f32x4.div(one, madd(one, z, f32x4.splat(0.3275911)));
  let sum = madd(f32x4.splat(-1.453152027), t, f32x4.splat(1.061405429));
  sum = madd(f32x4.splat(1.421413741), t, sum);
  sum = madd(f32x4.splat(-0.284496736), t, sum);
  sum = madd(f32x4.splat(0.254829592), t, sum);
  const tail = f32x4.mul(f32x4.mul(f32x4.mul(bell, f32x4.splat(0.5)), t), sum);
  const distribution = v128.bitselect(tail, f32x4.sub(one, tail), f32x4.lt(x, f32x4.splat(0)));
  storeSome(y, f32x4.mul(x, distribution), count);
  storeSome(derivative, madd(distribution, f32x4.mul(x, bell), f32x4.splat(DENSITY)), count);
}

/** tanh u = 1 − 2 ÷ (e²ᵘ + 1). */
function tanhForm(from: usize, y: usize, derivative: usize, count: i32): void {
  const x = loadSome(from, count);
  const one = f32x4.splat(1);
  const half = f32x4.splat(0.5);
  const square = f32x4.mul(x, x);
  const u = f32x4.mul(f32x4.mul(f32x4.splat(ROOT), x), madd(one, f32x4.splat(CUBIC), square));
  const bent = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(exp4(f32x4.add(u, u)), one)));
  const share = f32x4.mul(half, f32x4.add(one, bent));
  storeSome(y, f32x4.mul(x, share), count);
  const inner = f32x4.mul(f32x4.splat(ROOT), madd(one, f32x4.splat(3 * CUBIC), square));
  const slope = f32x4.sub(one, f32x4.mul(bent, bent));
  storeSome(derivative, madd(share, f32x4.mul(f32x4.mul(half, x), slope), inner), count);
}
