/** silu(gate) · up, the gated activation of Llama-like feed-forward layers, and its gradients. */
import { exp4, loadSome, madd, storeSome } from './vector';

/** Elements of a unit of work. */
const UNIT: i32 = 1024;

@inline
function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

/** Arguments: gate, up, y; size. */
export function swiglu(args: usize, from: i32, to: i32): void {
  const gates = load<usize>(args);
  const ups = load<usize>(args, 4);
  const y = load<usize>(args, 8);
  const end = min(to * UNIT, load<i32>(args, 12));
  for (let i = from * UNIT; i < end; i += 4) {
    const offset = <usize>i << 2;
    const gate = loadSome(gates + offset, end - i);
    storeSome(y + offset, f32x4.mul(f32x4.mul(gate, sigmoid(gate)), loadSome(ups + offset, end - i)), end - i);
  }
}

/** Arguments: dy, gate, up, gradients of gate and of up; size. */
export function swigluGradient(args: usize, from: i32, to: i32): void {
  const dy = load<usize>(args);
  const gates = load<usize>(args, 4);
  const ups = load<usize>(args, 8);
  const dGate = load<usize>(args, 12);
  const dUp = load<usize>(args, 16);
  const end = min(to * UNIT, load<i32>(args, 20));
  const one = f32x4.splat(1);
  for (let i = from * UNIT; i < end; i += 4) {
    const offset = <usize>i << 2;
    const gate = loadSome(gates + offset, end - i);
    const share = sigmoid(gate);
    const gradient = f32x4.mul(loadSome(dy + offset, end - i), share);
    storeSome(dUp + offset, f32x4.mul(gradient, gate), end - i);
    const slope = madd(one, gate, f32x4.sub(one, share));
    storeSome(dGate + offset, f32x4.mul(f32x4.mul(gradient, loadSome(ups + offset, end - i)), slope), end - i);
  }
}
