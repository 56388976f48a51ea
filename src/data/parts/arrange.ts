/** Decides by names alone what several files are: texts in folders that are their labels, or tables. */
import type { SplitName } from '../../domain/task';
import { SPLITS } from '../../domain/task';
import type { DataFile, LeftOut, PlacedFile } from './files';
import { kindOfName } from './kinds';
import { baseName, foldersOf, naturalOrder, sharedFolder, splitInName, withoutEnding } from './names';

export interface Arrangement {
  /** `texts`: each file is a row, and its folder the label. `tables`: each file has rows of its own. */
  kind: 'texts' | 'tables';
  files: PlacedFile[];
  leftOut: LeftOut[];
}

interface Named extends DataFile {
  name: string;
  kind: 'table' | 'text' | 'unknown';
}

/** Training rows first; what names no split goes with them. */
const splitRank = (split: SplitName | null): number => (split === null ? 0 : SPLITS.indexOf(split));

/** Train, validation, test; names in their natural order within each. */
export const inOrder = (a: PlacedFile, b: PlacedFile): number =>
  splitRank(a.split) - splitRank(b.split) || naturalOrder(a.name, b.name);

/** The files with their places. The order in which they come does not matter. */
export function arrange(given: readonly DataFile[]): Arrangement {
  const leftOut: LeftOut[] = [];
  const files: (DataFile & { kind: Named['kind'] })[] = [];
  for (const file of given) {
    const found = kindOfName(file.path);
    if (found.kind === 'none') leftOut.push({ path: file.path, why: found.why });
    else files.push({ ...file, kind: found.kind });
  }
  const root = sharedFolder(files.map(({ path }) => path));
  const named = files.map((file): Named => ({ ...file, name: file.path.slice(root.length) }));
  return textsByFolder(named, leftOut) ?? tables(named, leftOut);
}

/** The folders of each file, and which level of them (0 is the outermost) names splits; -1 when none does. */
function splitLevel(files: readonly Named[]): number {
  const paths = files.map(({ name }) => foldersOf(name));
  const depth = paths.reduce((most, { length }) => Math.max(most, length), 0);
  for (let level = 0; level < depth; level++) {
    const names = new Set(paths.flatMap((folders) => folders[level] ?? []));
    // A class that happens to be called “train” has neighbours that name no split.
    if (names.size > 0 && [...names].every((name) => splitInName(name) !== null)) return level;
  }
  return -1;
}

/** Words for texts that nobody has labelled. */
const UNLABELLED = /^(unsup|unsupervised|unlabell?ed|no[-_ ]?label)$/i;

/** Texts in at least two folders that are labels, or null. */
function textsByFolder(files: readonly Named[], leftOut: readonly LeftOut[]): Arrangement | null {
  if (files.some(({ kind }) => kind === 'table')) return null;
  const level = splitLevel(files.filter(({ name }) => name.includes('/')));
  const placed: PlacedFile[] = [];
  const beside: LeftOut[] = [];
  for (const { path, source, name, kind } of files) {
    const folders = foldersOf(name);
    const split = level < 0 ? null : splitInName(folders[level] ?? '');
    const label = folders.filter((_, at) => at !== level).at(-1);
    const bare = /\.[a-z]+$/i.test(name);
    if (label === undefined || (level >= 0 && folders.length <= level) || (kind === 'unknown' && bare))
      beside.push({ path, why: 'files beside the folders of texts' });
    else placed.push({ path, source, name, split, label: UNLABELLED.test(label) ? '' : label });
  }
  const labels = new Set(placed.map(({ label }) => label));
  const splitNamed = placed.every(({ name }) => splitInName(withoutEnding(baseName(name))));
  if (labels.size < 2 || splitNamed || beside.length > placed.length) return null;
  return { kind: 'texts', files: placed.sort(inOrder), leftOut: [...leftOut, ...beside] };
}

/** Each file a table, its split by its own name or else by a folder's. */
function tables(files: readonly Named[], leftOut: readonly LeftOut[]): Arrangement {
  const level = splitLevel(files.filter(({ name }) => name.includes('/')));
  const out = [...leftOut];
  const placed: PlacedFile[] = [];
  const hasTables = files.some(({ kind }) => kind === 'table');
  for (const { path, source, name } of files) {
    if (hasTables && /\.(md|markdown)$/i.test(name)) {
      out.push({ path, why: 'texts beside the tables' });
      continue;
    }
    const folders = foldersOf(name);
    const last = baseName(name);
    // `cooking.train` names it by its ending.
    const own = splitInName(withoutEnding(last)) ?? splitInName(last);
    const split = own ?? (level < 0 ? null : splitInName(folders[level] ?? ''));
    placed.push({ path, source, name, split, label: null });
  }
  return { kind: 'tables', files: placed.sort(inOrder), leftOut: out };
}
