/** Several files in words: a name for them together, how they were read, and what was left out. */
import type { FilesLeftOut, SourceFormat } from '../../domain/dataset';
import type { PlacedFile, SeveralFiles } from './files';
import { baseName, listed, sharedFolder, someOf } from './names';

/** "1 file", "2,000 files". */
export const count = (number: number, what: string): string =>
  `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;

/** "reviews.zip", the folder's name, "train.csv and test.csv", or "12 files". */
export function nameOf({ archive }: SeveralFiles, files: readonly PlacedFile[]): string {
  if (archive !== null) return archive;
  const folder = sharedFolder(files.map(({ path }) => path));
  if (folder !== '') return baseName(folder.slice(0, -1));
  return files.length <= 3 ? listed(files.map(({ name }) => name)) : count(files.length, 'file');
}

/** How several files were read: "3 files as one table: CSV …" */
export function filesInWords(source: SourceFormat): string {
  const { parts = [], kind, texts } = source;
  if (kind === 'texts') return `${count(Number(texts), 'file')}, each a text; its folder is the label.`;
  const words = [...new Set(parts.map((part) => part.words))];
  const how = words.length === 1 ? ` ${words[0] ?? ''}` : '';
  return `${count(parts.length, 'file')}, read as one table.${how}`;
}

/** A sentence for each reason to leave files out. */
export const leftOutWords = (groups: readonly FilesLeftOut[]): string[] =>
  groups.map(
    ({ why, count: all, names }) =>
      `${count(all, 'file')} ${all === 1 ? 'was' : 'were'} left out (${why}): ${someOf(names, 3, all)}.`,
  );
