/** What the names of files and folders say: their order, the split they name, and what they have in common. */
import type { SplitName } from '../../domain/task';
import { parseSplit } from '../columns';

const numbersInOrder = new Intl.Collator('en', { numeric: true, sensitivity: 'variant' });

/** Names as people order them: `part 2` before `part 10`; equal only when they are the same. */
export const naturalOrder = (a: string, b: string): number => numbersInOrder.compare(a, b) || (a < b ? -1 : +(a > b));

/** The last part of a path. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The ending of a name in small letters, without its dot; empty when it has none. */
export const endingOf = (path: string): string => (/\.([^.]+)$/.exec(baseName(path))?.[1] ?? '').toLowerCase();

/** The folders of a path, the outermost first. */
export const foldersOf = (path: string): string[] => path.split('/').slice(0, -1);

/** The folder that all paths share, such as `data/`; empty when they share none. */
export function sharedFolder(paths: readonly string[]): string {
  const [first, ...others] = paths;
  let shared = first === undefined ? '' : first.slice(0, first.lastIndexOf('/') + 1);
  for (const path of others)
    while (!path.startsWith(shared)) shared = shared.slice(0, shared.lastIndexOf('/', shared.length - 2) + 1);
  return shared;
}

/** Name endings of data, also those of packed files (`train.csv.gz`). */
const ENDING = /\.[a-z][a-z0-9]{0,8}$/i;

/** The name without its ending; two endings go where the last one says how it is packed. */
export const withoutEnding = (name: string): string => name.replace(/\.(gz|zip)$/i, '').replace(ENDING, '');

/**
 * The split that a name names by one of its words, as in `train-00000-of-00002`, `my_dev`, `TestSet`; null when it
 * names none, or several.
 */
export function splitInName(name: string): SplitName | null {
  const words = name
    .replace(/(\p{Ll})(?=\p{Lu})/gu, '$1 ')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .map((word) => word.replace(/(.)(set|data)$/, '$1'));
  const named = new Set(words.map(parseSplit).filter((split) => split !== null));
  const [only] = named;
  return named.size === 1 && only !== undefined ? only : null;
}

/** Whether names differ by nothing but numbers, as pieces of one table do: `part-00000-of-00002`. */
export function arePieces(names: readonly string[]): boolean {
  const bare = new Set(names.map((name) => name.replace(/\d+/g, '0')));
  return names.length > 1 && bare.size === 1 && /\d/.test(names[0] ?? '');
}

/** "a, b and c". */
export const listed = (items: readonly string[]): string =>
  items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;

/** "a, b, c and 12 others". */
export const someOf = (items: readonly string[], most = 5, all = items.length): string =>
  all <= most ? listed(items) : `${items.slice(0, most).join(', ')} and ${(all - most).toLocaleString('en')} more`;
