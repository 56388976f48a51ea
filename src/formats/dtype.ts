/** Converts tensors between the types that files hold and the 32-bit floats that the engine computes with. */
import { TabtuneError } from '../base/errors';
import { DTYPE_BYTES } from './tensor';
import type { NamedTensor } from './tensor';

/** The tensor's own bytes if they start at a multiple of `width`, else a copy that does. */
function aligned(bytes: Uint8Array, width: number): Uint8Array {
  return bytes.byteOffset % width === 0 ? bytes : bytes.slice();
}

let halfTable: Float32Array | null = null;

/** Value of every binary16 pattern (IEEE 754), made once; do not write to it. */
export function halfValues(): Float32Array {
  if (halfTable) return halfTable;
  const table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) table[bits] = sign * fraction * 2 ** -24;
    else if (exponent === 31) table[bits] = fraction ? NaN : sign * Infinity;
    else table[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  halfTable = table;
  return table;
}

function halfToFloat(bytes: Uint8Array): Float32Array {
  const source = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  const table = halfValues();
  const out = new Float32Array(source.length);
  for (let i = 0; i < source.length; i++) out[i] = table[source[i] as number] as number;
  return out;
}

/** bfloat16 is the upper half of a binary32. */
function bfloatToFloat(bytes: Uint8Array): Float32Array {
  const source = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  const bits = new Uint32Array(source.length);
  for (let i = 0; i < source.length; i++) bits[i] = (source[i] as number) << 16;
  return new Float32Array(bits.buffer);
}

/**
 * The values as 32-bit floats, row-major. F64 is rounded, F16 and BF16 are exact, integers and BOOL are converted. For
 * F32 the result may share memory with `tensor.bytes`: do not write to it. Throws `bad-model` when bytes and type do
 * not fit.
 */
export function toFloat32(tensor: NamedTensor): Float32Array {
  // Asked for once: a tensor may unpack its bytes each time.
  const { name, dtype, bytes: given } = tensor;
  const width = DTYPE_BYTES[dtype];
  if (given.length % width !== 0)
    throw new TabtuneError('bad-model', `"${name}" has ${given.length} bytes, no multiple of ${width} (${dtype}).`, {
      place: { tensor: name },
    });
  const bytes = aligned(given, width);
  const { buffer, byteOffset } = bytes;
  const count = bytes.length / width;
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer, byteOffset, count);
    case 'F64':
      return Float32Array.from(new Float64Array(buffer, byteOffset, count));
    case 'F16':
      return halfToFloat(bytes);
    case 'BF16':
      return bfloatToFloat(bytes);
    case 'I64':
      return Float32Array.from(new BigInt64Array(buffer, byteOffset, count), Number);
    case 'I32':
      return Float32Array.from(new Int32Array(buffer, byteOffset, count));
    case 'I16':
      return Float32Array.from(new Int16Array(buffer, byteOffset, count));
    case 'I8':
      return Float32Array.from(new Int8Array(buffer, byteOffset, count));
    case 'U8':
      return Float32Array.from(bytes);
    case 'BOOL':
      return Float32Array.from(bytes, (byte) => (byte ? 1 : 0));
  }
}

/**
 * An F32 tensor that shares memory with `values` (row-major, as many as the shape says; a mismatch is an `internal`
 * error).
 */
export function fromFloat32(name: string, shape: readonly number[], values: Float32Array): NamedTensor {
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== values.length)
    throw new TabtuneError('internal', `"${name}" has ${values.length} values, not those of [${shape.join(', ')}].`, {
      place: { tensor: name },
    });
  return { name, dtype: 'F32', shape, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}
