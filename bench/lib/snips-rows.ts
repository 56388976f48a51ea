/** Rows of the SNIPS intents for training and testing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SeededRandom } from '../../src/base/random';

/** Lines of a CSV without line breaks inside cells, as both SNIPS files are; the first names the columns. */
const linesOf = (path: string): string[] => readFileSync(path, 'utf8').trim().split(/\r?\n/);

/** The columns' names, `perLabel` seeded training rows of each label, and all test rows, as lines of CSV. */
export function snipsRows(
  folder: string,
  perLabel: number,
  seed: number,
): { header: string; train: string[]; test: string[] } {
  const [header = '', ...rows] = linesOf(join(folder, 'intents.train.csv'));
  const label = (row: string): string => row.slice(row.lastIndexOf(',') + 1);
  const taken = new Map<string, number>();
  const train = new SeededRandom(seed, 'SNIPS rows').shuffle(rows).filter((row) => {
    const count = (taken.get(label(row)) ?? 0) + 1;
    taken.set(label(row), count);
    return count <= perLabel;
  });
  return { header, train, test: linesOf(join(folder, 'intents.validation.csv')).slice(1) };
}

/** One CSV with a split column. */
export function mixedCsv(folder: string, perLabel: number, seed: number): string {
  const { header, train, test } = snipsRows(folder, perLabel, seed);
  return [`${header},split`, ...train.map((row) => `${row},train`), ...test.map((row) => `${row},test`)].join('\n');
}
