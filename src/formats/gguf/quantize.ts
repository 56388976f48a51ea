/**
 * Packs 32-bit floats into the types that GGUF files are written in, with the rounding of ggml's reference quantizers.
 */
import { must } from '../../base/assert';
import { TabtuneError } from '../../base/errors';

const { abs, fround, round, trunc } = Math;

const floatBits = new Float32Array(1);
const intBits = new Uint32Array(floatBits.buffer);

/** The binary16 pattern nearest to a value, ties to even (IEEE 754); beyond 65519 infinity. */
export function halfOf(value: number): number {
  floatBits[0] = value;
  const bits = must(intBits[0]);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  // Below 2^-14 the patterns count steps of 2^-24.
  const steps = abs(floatBits[0]) * 16777216;
  const whole = trunc(steps);
  const rest = steps - whole;
  return sign | (whole + (rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? 1 : 0));
}

/** Half precision. Throws `numbers` naming the tensor when a value is too large for it. */
function packF16(values: Float32Array, name: string): Uint8Array {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const half = halfOf(must(values[i]));
    if ((half & 0x7c00) === 0x7c00)
      throw new TabtuneError('numbers', `"${name}" holds ${must(values[i])}, which half precision cannot hold.`, {
        place: { tensor: name },
        fix:
          'Choose another type than half precision, which ends at 65,504. Weights that grew so large in ' +
          'training stay smaller at a lower learning rate.',
      });
    out[i] = half;
  }
  return new Uint8Array(out.buffer);
}

/** `quantize_row_q8_0_ref`: d = largest magnitude / 127, values rounded half away from zero. */
function packQ80(values: Float32Array): Uint8Array {
  const out = new Uint8Array((values.length / 32) * 34);
  for (let from = 0, to = 0; from < values.length; from += 32, to += 34) {
    let most = 0;
    for (let i = from; i < from + 32; i++) most = Math.max(most, abs(must(values[i])));
    const d = fround(most / 127);
    const inverse = d === 0 ? 0 : fround(1 / d);
    const half = halfOf(d);
    out[to] = half & 0xff;
    out[to + 1] = half >> 8;
    for (let i = 0; i < 32; i++) {
      const scaled = fround(must(values[from + i]) * inverse);
      out[to + 2 + i] = scaled < 0 ? -round(-scaled) : round(scaled);
    }
  }
  return out;
}

/**
 * `quantize_row_q4_0_ref`: d = the value of largest magnitude / −8, so that it is met exactly; values rounded by adding
 * 8.5 and cutting.
 */
function packQ40(values: Float32Array): Uint8Array {
  const out = new Uint8Array((values.length / 32) * 18);
  for (let from = 0, to = 0; from < values.length; from += 32, to += 18) {
    let largest = 0;
    for (let i = from; i < from + 32; i++) if (abs(must(values[i])) > abs(largest)) largest = must(values[i]);
    const d = fround(largest / -8);
    const inverse = d === 0 ? 0 : fround(1 / d);
    const half = halfOf(d);
    out[to] = half & 0xff;
    out[to + 1] = half >> 8;
    const level = (i: number): number =>
      Math.min(15, Math.max(0, trunc(fround(fround(must(values[from + i]) * inverse) + 8.5))));
    for (let i = 0; i < 16; i++) out[to + 2 + i] = level(i) | (level(i + 16) << 4);
  }
  return out;
}

/** Types that are written. */
export type WrittenType = 'F32' | 'F16' | 'Q8_0' | 'Q4_0';

/**
 * The values as blocks of `type`; as many as whole blocks hold. `name` is for errors. For F32 the result shares memory
 * with `values`.
 */
export function quantize(type: WrittenType, values: Float32Array, name: string): Uint8Array {
  switch (type) {
    case 'F32':
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    case 'F16':
      return packF16(values, name);
    case 'Q8_0':
      return packQ80(values);
    case 'Q4_0':
      return packQ40(values);
  }
}
