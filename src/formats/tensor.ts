/** A tensor as files hold it: a name, a type, a shape and raw little-endian bytes. */

export type TensorDtype = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL';

export interface NamedTensor {
  name: string;
  dtype: TensorDtype;
  shape: readonly number[];
  /** May be a view into a larger buffer, at any alignment, and may be made anew each time it is asked for (GGUF): take it once. */
  readonly bytes: Uint8Array;
}

export const DTYPE_BYTES: Record<TensorDtype, number> = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 };

/** Bytes of the values as the type and shape say, without asking for them. */
export const byteLength = ({ dtype, shape }: Pick<NamedTensor, 'dtype' | 'shape'>): number => DTYPE_BYTES[dtype] * shape.reduce((product, size) => product * size, 1);
