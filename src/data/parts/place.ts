/** Where a row of several files comes from. */
import type { SourceFormat } from '../../domain/dataset';

/**
 * The file and the row in it (from 1) of the row at place `at` (from 0) of the data set. `fileCell` is its cell in the
 * column `file`, which texts have.
 */
export function placeOfRow(
  name: string,
  { parts, kind }: SourceFormat,
  at: number,
  fileCell: string | undefined,
): { file: string; row: number } {
  if (kind === 'texts' && fileCell !== undefined) return { file: fileCell, row: 1 };
  let first = 0;
  for (const part of parts ?? []) {
    if (at < first + part.rows) return { file: part.file, row: at - first + 1 };
    first += part.rows;
  }
  return { file: name, row: at + 1 };
}
