/** Several files that are to become one data set, and what is remembered of each. */
import type { ByteSource } from '../../base/bytes';
import type { FilePart, FilesLeftOut } from '../../domain/dataset';
import type { SplitName } from '../../domain/task';
import { naturalOrder } from './names';

/** A file with its path below what was dropped, which is its source's name too. */
export interface DataFile {
  path: string;
  source: ByteSource;
}

/** A file that is left out; `why` is a plural: "images", "notes about the data". */
export interface LeftOut {
  path: string;
  why: string;
}

/** What was dropped or picked at once, archives unpacked. */
export class SeveralFiles {
  constructor(
    /** In any order. */
    readonly files: readonly DataFile[],
    /** What was left out already while unpacking. */
    readonly leftOut: readonly LeftOut[] = [],
    /** The archive that all of them come from, or null. */
    readonly archive: string | null = null,
  ) {}
}

/** A file with its place in the data set. */
export interface PlacedFile extends DataFile {
  /** Its path below the folder that all files share. */
  name: string;
  split: SplitName | null;
  /** The folder that is its label; null where folders are none. */
  label: string | null;
}

export type { FilePart, FilesLeftOut };

/** Names that are kept of a group of files that were left out. */
const NAMES_KEPT = 20;

/** Files that were left out, a group for each reason; in whatever order they come. */
export function groupLeftOut(files: readonly LeftOut[]): FilesLeftOut[] {
  const groups = new Map<string, FilesLeftOut>();
  for (const { path, why } of [...files].sort((a, b) => naturalOrder(a.path, b.path))) {
    const group = groups.get(why) ?? { why, count: 0, names: [] };
    groups.set(why, group);
    group.count++;
    if (group.names.length < NAMES_KEPT) group.names.push(path);
  }
  return [...groups.values()];
}
