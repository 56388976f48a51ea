/**
 * A copy of each record as a JSON file beside the files that it speaks of. A browser throws a damaged database away and
 * makes an empty one; with the copies, that loses nothing.
 */
import { packNumbers, unpackNumbers } from '../base/json-numbers';
import type { FileBox } from './files';
import { isRecord } from './records';
import type { RecordBox, RecordKind, Records, Stamped } from './records';

const ENDING = '.record.json';

export const copyPath = (kind: RecordKind, id: string): string => `${kind}/${id}${ENDING}`;

async function copyPaths(kind: RecordKind, files: FileBox): Promise<string[]> {
  return (await files.list())
    .map(({ path }) => path)
    .filter((path) => path.startsWith(`${kind}/`) && path.endsWith(ENDING));
}

/**
 * The records; a copy is made after its record and removed before it, so that no copy ever speaks of what was deleted.
 */
export function copiedRecords(records: Records, files: FileBox): Records {
  const box = <T extends Stamped>(kind: RecordKind, held: RecordBox<T>): RecordBox<T> => ({
    ...held,
    put: async (record) => {
      await held.put(record);
      const path = copyPath(kind, record.id);
      const copy = new TextEncoder().encode(JSON.stringify(record, packNumbers));
      // The record counts without it. An outdated copy is worse than none.
      await files.write(path, copy).catch(() => files.remove(path).catch(() => undefined));
    },
    remove: async (id) => {
      await files.remove(copyPath(kind, id));
      await held.remove(id);
    },
    clear: async () => {
      for (const path of await copyPaths(kind, files)) await files.remove(path);
      await held.clear();
    },
  });
  return {
    datasets: box('datasets', records.datasets),
    runs: box('runs', records.runs),
    checkpoints: box('checkpoints', records.checkpoints),
  };
}

/** What the copies say of records that are not there; copies that cannot be read are passed over. */
export async function lostRecords<T extends Stamped>(
  kind: RecordKind,
  held: RecordBox<T>,
  files: FileBox,
): Promise<T[]> {
  const known = new Set((await held.all()).map(({ id }) => copyPath(kind, id)));
  const lost: T[] = [];
  for (const path of await copyPaths(kind, files)) {
    if (known.has(path)) continue;
    const record = await readCopy(files, path);
    if (isRecord(record) && copyPath(kind, record.id) === path) lost.push(record as T);
  }
  return lost;
}

async function readCopy(files: FileBox, path: string): Promise<unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(await files.read(path)), unpackNumbers);
  } catch {
    return null;
  }
}
