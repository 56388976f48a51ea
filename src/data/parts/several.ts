/** Reads several files into the stores of one data set. */
import { TabtuneError } from '../../base/errors';
import type { FilePart, ReadWishes, SourceFormat } from '../../domain/dataset';
import { HashingSource } from '../hashing-source';
import { importRows, noRows, readFile } from '../import';
import type { ImportedRows, ReadOptions } from '../import';
import { pacer } from '../pause';
import type { DatasetStores } from '../row-store';
import { sourceInWords } from '../tables';
import { arrange } from './arrange';
import type { LeftOut, PlacedFile, SeveralFiles } from './files';
import { groupLeftOut } from './files';
import { FilesHash, begin } from './into-stores';
import type { Reading } from './into-stores';
import { addedColumns } from './added';
import { PartSink, columnWords, renamedColumns } from './join';
import { baseName, endingOf, listed, someOf } from './names';
import type { Surveyed } from './survey';
import { largestTable, survey } from './survey';
import { readTexts } from './texts';
import { leftOutWords, nameOf } from './words';

/**
 * Reads files as one table, or as texts whose folders are their labels. Throws as `importRows` does, naming the file,
 * and `bad-data` when none of them holds data.
 */
export async function importSeveral(
  several: SeveralFiles,
  stores: DatasetStores,
  options: ReadOptions,
): Promise<ImportedRows> {
  const pause = pacer(options.signal);
  const { kind, files, leftOut } = arrange(several.files);
  const left = [...several.leftOut, ...leftOut];
  const wishes = options.wishes ?? {};
  if (files.length === 0) throw noData(left);
  if (kind === 'texts') return readTexts({ several, files, left, wishes }, begin(files, stores, options));
  const [only] = files;
  if (only && files.length === 1) return one(only, left, stores, options);
  const { surveyed, failed } = await surveyAll(files, left, pause, wishes);
  if (surveyed.length === 0) throw failed[0]?.error ?? noData(left);
  const { main, joined, leftOut: otherTables } = largestTable(surveyed);
  left.push(...otherTables, ...harmless(failed, joined));
  if (joined.length === 1) return one(main, left, stores, options);
  return joinTables(several, { main, joined, left, wishes }, begin(joined, stores, options));
}

interface Failed {
  file: PlacedFile;
  error: TabtuneError;
}

/** Looks at each file; empty ones are left out at once. */
async function surveyAll(
  files: readonly PlacedFile[],
  left: LeftOut[],
  pause: () => Promise<void>,
  wishes: ReadWishes,
): Promise<{ surveyed: Surveyed[]; failed: Failed[] }> {
  const surveyed: Surveyed[] = [];
  const failed: Failed[] = [];
  for (const file of files) {
    if (file.source.size === 0) {
      left.push({ path: file.path, why: 'empty files' });
      continue;
    }
    const found = await survey(file, pause, wishes);
    if (found instanceof TabtuneError) failed.push({ file, error: found });
    else surveyed.push(found);
  }
  return { surveyed, failed };
}

/** Files that cannot be read and look like no part of the table. Throws for one that does: its rows would be missed. */
function harmless(failed: readonly Failed[], joined: readonly PlacedFile[]): LeftOut[] {
  const endings = new Set(joined.map(({ name }) => endingOf(name)));
  for (const { file, error } of failed) if (endings.has(endingOf(file.name))) throw error;
  return failed.map(({ file, error }) => ({ path: file.path, why: `cannot be read: ${error.message}` }));
}

/** Only one of the files is data: it is read as if it had been dropped alone. */
async function one(
  { path, source }: PlacedFile,
  left: readonly LeftOut[],
  stores: DatasetStores,
  options: ReadOptions,
): Promise<ImportedRows> {
  const named = { name: baseName(path), size: source.size, read: source.read.bind(source) };
  const imported = await importRows(named, stores, options);
  const leftOut = groupLeftOut(left);
  if (leftOut.length === 0) return imported;
  return {
    ...imported,
    source: { ...imported.source, leftOut },
    warnings: [...imported.warnings, ...leftOutWords(leftOut)],
  };
}

function noData(left: readonly LeftOut[]): TabtuneError {
  const groups = groupLeftOut(left);
  const [first] = groups;
  const what = groups.map(({ why, count, names }) => `${someOf(names, 3, count)} (${why})`);
  return new TabtuneError('bad-data', `Nothing here can be read as data: ${listed(what)}.`, {
    place: { file: first?.names[0] ?? '' },
    fix: 'Drop tables (CSV, TSV, JSON, JSONL), or a folder of text files for each label.',
  });
}

interface Tables {
  main: Surveyed;
  joined: Surveyed[];
  left: readonly LeftOut[];
  wishes: ReadWishes;
}

/** How the first file was read, which is where a person begins who wants all of them to be read otherwise. */
const howRead = ({ encoding, delimiter, quoting, hasHeader, firstLine, comment, wishes }: SourceFormat) => ({
  ...(encoding && { encoding }),
  ...(delimiter && { delimiter, quoting, hasHeader, firstLine, comment }),
  ...(wishes && { wishes }),
});

async function joinTables(several: SeveralFiles, tables: Tables, reading: Reading): Promise<ImportedRows> {
  const { main, joined, left, wishes } = tables;
  const { sink, writer } = reading;
  const all = joined.map((file) => ({ file, renamed: renamedColumns(main, file) }));
  for (const name of main.columns) sink.column(name);
  for (const { file, renamed } of all) for (const name of file.columns) sink.column(renamed.get(name) ?? name);
  const added = addedColumns(joined, sink.columns);
  const hash = new FilesHash();
  const parts: FilePart[] = [];
  for (const { file, renamed } of all) {
    const constants = new Map(added.columns.map(({ name, cell }) => [sink.column(name), cell(file)]));
    reading.next(file);
    const part = new PartSink(sink, renamed, constants, reading.progress);
    const hashed = new HashingSource(file.source);
    const found = await readFile(hashed, part, wishes);
    hash.add(file.name, await hashed.sha256(reading.pause));
    const warnings = [...columnWords(main, file, renamed), ...part.warnings];
    parts.push({ file: file.name, rows: part.rows, words: sourceInWords(found), warnings });
  }
  writer.finish();
  if (sink.readable === 0) throw noRows(main.name, sink);
  const leftOut = groupLeftOut(left);
  return {
    name: nameOf(several, joined),
    bytes: joined.reduce((sum, { source }) => sum + source.size, 0),
    source: {
      format: 'files',
      kind: 'tables',
      ...howRead(main.found),
      decimalComma: joined.some(({ found }) => found.decimalComma),
      parts,
      leftOut,
    },
    columns: sink.columns,
    rows: writer.count,
    sha256: hash.hex(),
    warnings: [
      ...added.words,
      ...parts.flatMap(({ file, warnings }) => warnings.map((warning) => `${file}: ${warning}`)),
      ...leftOutWords(leftOut),
    ],
    splitColumn: added.split,
    fileColumn: added.file,
  };
}
