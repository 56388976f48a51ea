/** A tensor as files hold it: a name, a type, a shape and raw little-endian bytes. */

export type TensorDtype = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL';

/**
 * Blocks of 32 values along a row, as ggml lays them out (ggml-common.h), that the engine can compute with as they are.
 */
export type BlockType = 'Q8_0' | 'Q4_0' | 'Q4_1';

/** How a matrix may stay packed: in such blocks, or value by value as halves. */
export type PackedType = BlockType | 'F16';

/** A packed matrix, row after row. */
export interface PackedBlocks {
  type: PackedType;
  /** A linear layer's matrix lies [out, in] here, also where the tensor is [in, out] (transformers' Conv1D). */
  shape: readonly [rows: number, columns: number];
  /** May be a view into a larger buffer, at any alignment. */
  bytes: Uint8Array;
}

export interface NamedTensor {
  name: string;
  dtype: TensorDtype;
  shape: readonly number[];
  /**
   * May be a view into a larger buffer, at any alignment, and may be made anew each time it is asked for (GGUF): take
   * it once.
   */
  readonly bytes: Uint8Array;
  /** The same values as the file packs them, where it does so in one of these ways. */
  readonly packed?: PackedBlocks;
}

export const DTYPE_BYTES: Record<TensorDtype, number> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/** Bytes of the values as the type and shape say, without asking for them. */
export const byteLength = ({ dtype, shape }: Pick<NamedTensor, 'dtype' | 'shape'>): number =>
  DTYPE_BYTES[dtype] * shape.reduce((product, size) => product * size, 1);
