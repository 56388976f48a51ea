/** Work on many rows, a few in a turn of the engine, so that other requests are answered in between. */
import { must } from '../../base/assert';
import type { Call } from '../session';

/**
 * What `work` finds of each row, in the order of the rows. Throws `cancelled`.
 * @param pieces which rows (from 0) are taken in one turn; each row in one piece
 * @param work is called inside a turn of the engine, and answers for the rows of its piece in their order
 */
export async function inPieces<T>(
  { session, context }: Call,
  label: string,
  pieces: readonly (readonly number[])[],
  work: (piece: readonly number[]) => Promise<readonly T[]>,
): Promise<T[]> {
  const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const all = new Array<T>(total);
  let done = 0;
  for (const piece of pieces) {
    context.progress({ label, done, total, unit: 'rows' });
    const found = await session.engineTurns.take(() => work(piece));
    piece.forEach((row, n) => (all[row] = must(found[n], 'finding')));
    done += piece.length;
  }
  context.progress({ label, done: total, total, unit: 'rows' });
  return all;
}

/** Rows in their order, so many at a time. */
export const consecutive = (rows: number, atOnce: number): number[][] =>
  Array.from({ length: Math.ceil(rows / atOnce) }, (_, piece) =>
    Array.from({ length: Math.min(atOnce, rows - piece * atOnce) }, (_, i) => piece * atOnce + i),
  );
