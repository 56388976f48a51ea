/** Arithmetic of adapters on weights as checkpoints hold them, in double precision; nothing of it needs a device. */
import { toFloat32 } from '../../formats/dtype';
import { fromFloat32 } from '../../formats/dtype';
import { transposed } from '../../formats/gguf/rows';
import type { NamedTensor } from '../../formats/tensor';

/** A matrix [rows, columns], row-major. */
export interface Dense {
  rows: number;
  columns: number;
  values: Float64Array;
}

export function dense(tensor: NamedTensor): Dense {
  const [rows = 0, columns = 0] = tensor.shape;
  return { rows, columns, values: Float64Array.from(toFloat32(tensor)) };
}

/** `target` + factor · left · right. left [rows, r], right [r, columns] */
export function addProduct(target: Dense, left: Dense, right: Dense, factor: number): void {
  const { rows, columns, values } = target;
  for (let row = 0; row < rows; row++)
    for (let k = 0; k < left.columns; k++) {
      const scale = factor * (left.values[row * left.columns + k] ?? 0);
      if (scale === 0) continue;
      for (let column = 0; column < columns; column++)
        values[row * columns + column] =
          (values[row * columns + column] ?? 0) + scale * (right.values[k * columns + column] ?? 0);
    }
}

/** A layer's weight as [out, in], whichever way the checkpoint holds it. */
export function weightOf(tensor: NamedTensor, isTransposed: boolean): Dense {
  const [rows = 0, columns = 0] = tensor.shape;
  if (!isTransposed) return dense(tensor);
  return { rows: columns, columns: rows, values: Float64Array.from(transposed(toFloat32(tensor), rows, columns)) };
}

/** The values back in the layout and under the name of `like`, as 32-bit floats. */
export function tensorLike(like: NamedTensor, { rows, columns, values }: Dense, isTransposed: boolean): NamedTensor {
  const floats = Float32Array.from(values);
  return fromFloat32(like.name, like.shape, isTransposed ? transposed(floats, rows, columns) : floats);
}

/** A tensor whose values are worked out when they are first asked for, and kept. */
export function later(name: string, shape: readonly number[], make: () => NamedTensor): NamedTensor {
  let made: NamedTensor | null = null;
  return {
    name,
    dtype: 'F32',
    shape,
    get bytes() {
      return (made ??= make()).bytes;
    },
  };
}
