/** What the table joined of several files says of where its rows come from: columns beside those of the files. */
import { SPLIT_NAMES } from '../columns';
import type { PlacedFile } from './files';
import { freeName } from './join';
import { arePieces, baseName, foldersOf, someOf, withoutEnding } from './names';
import type { Surveyed } from './survey';
import { splitColumnOf } from './survey';

export interface Added {
  /** In this order; `cell` is what all rows of a file have there. */
  columns: { name: string; cell: (file: PlacedFile) => string }[];
  /** The column for splits; none when the files divide nothing, or say it themselves. */
  split?: string;
  /** The column for names of files, which is no label. */
  file?: string;
  words: string[];
}

/** Whether the names of the files divide their rows: something is for training, and something is not. */
const divides = (files: readonly PlacedFile[]): boolean =>
  files.some(({ split }) => split === 'train' || split === null) &&
  files.some(({ split }) => split !== null && split !== 'train');

/** @param columns those of the files */
export function addedColumns(joined: readonly Surveyed[], columns: readonly string[]): Added {
  const inside = splitColumnOf(joined);
  const byName = divides(joined);
  const added: Added = { columns: [], words: [] };
  if (byName && inside !== null)
    added.words.push(
      `The column “${inside}” in the files says what each row is for; the names of the files do not count.`,
    );
  if (inside === null && joined.every(({ split }) => split === 'validation' || split === 'test'))
    added.words.push('None of the files is for training by its name, so the rows are split anew.');
  const splits = byName && inside === null;
  if (splits) {
    added.split = freeName(SPLIT_NAMES, columns);
    added.columns.push({ name: added.split, cell: ({ split }) => split ?? 'train' });
    const unnamed = joined.filter(({ split }) => split === null).map(({ name }) => name);
    if (unnamed.length) added.words.push(`Taken for training, as no name says otherwise: ${someOf(unnamed)}.`);
  }
  if (namesTell(joined, splits)) addNames(added, joined, columns);
  return added;
}

/** Whether the names of the files tell more than their splits do, and than that they are pieces of one table. */
function namesTell(joined: readonly Surveyed[], bySplit: boolean): boolean {
  const groups = new Map<unknown, string[]>();
  for (const { name, split } of joined) {
    const key = bySplit ? (split ?? 'train') : 'all';
    const names = groups.get(key);
    if (names) names.push(withoutEnding(name));
    else groups.set(key, [withoutEnding(name)]);
  }
  return [...groups.values()].some((names) => names.length > 1 && !arePieces(names));
}

/** The names as a column: as labels where a table has texts and nothing else, such as pos.csv and neg.csv. */
function addNames(added: Added, joined: readonly Surveyed[], columns: readonly string[]): void {
  const isText = joined.some(({ found }) => found.format === 'text');
  if (columns.length > 1 || isText) {
    added.file = freeName(['file'], columns);
    added.columns.push({ name: added.file, cell: ({ name }) => name });
    return;
  }
  // Folders are the labels where all files in them have the same name.
  const sameName = new Set(joined.map(({ name }) => baseName(name))).size === 1;
  const name = freeName(['label'], columns);
  added.columns.push({
    name,
    cell: ({ name: path }) => (sameName && foldersOf(path).at(-1)) || withoutEnding(baseName(path)),
  });
  added.words.push(`The files have no column for labels: the names of ${sameName ? 'folders' : 'files'} are taken.`);
}
