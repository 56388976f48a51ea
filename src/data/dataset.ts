/**
 * A data set: its rows in a byte store, its mapping, its split and its health; every row is read from the store on
 * demand.
 */
import { must } from '../base/assert';
import type { ByteSource } from '../base/bytes';
import { TabtuneError } from '../base/errors';
import { DEFAULT_SPLIT } from '../domain/dataset';
import type {
  DatasetInfo,
  Mapping,
  ReadWishes,
  RowFilter,
  RowView,
  SourceFormat,
  SplitConfig,
} from '../domain/dataset';
import { SPLITS } from '../domain/task';
import type { SplitName } from '../domain/task';
import { firstRows, tableOf } from './columns';
import { divideRows } from './divide';
import { describeHealth } from './health';
import { importRows } from './import';
import type { ImportedRows } from './import';
import { SeveralFiles } from './parts/files';
import { placeOfRow } from './parts/place';
import { importSeveral } from './parts/several';
import { filesInWords } from './parts/words';
import { storedReader } from './read-row';
import type { MappingReading, RowLessons } from './reading';
import { RowReader } from './row-store';
import type { DatasetStores, StoredRow } from './row-store';
import { scanRows } from './scan';
import type { RowsRead, ScanOptions } from './scan';
import type { Scan } from './scanned';
import { NO_SPLIT, checkSplit, splitCode } from './split';
import { sourceInWords } from './tables';

export type { DatasetStores } from './row-store';

export interface ImportOptions {
  signal?: AbortSignal;
  onProgress?: (doneBytes: number, totalBytes: number) => void;
  /** After the bytes, the rows are looked at once more: progress of that. */
  onRowProgress?: (doneRows: number, totalRows: number) => void;
  /** How the person wants the file to be read. */
  wishes?: ReadWishes;
  durable: boolean;
}

/** Raised when the shape of a state changes; lessons/records.ts brings older ones up to date. */
export const DATASET_VERSION = 2;

/** Everything but the two stores, as plain JSON. */
export interface DatasetState {
  version: typeof DATASET_VERSION;
  id: string;
  name: string;
  bytes: number;
  source: SourceFormat;
  columns: string[];
  rows: number;
  sha256: string;
  durable: boolean;
  readWarnings: string[];
  mapping: Mapping;
  split: SplitConfig;
}

/** Rows that are looked at for the first guess of the mapping. */
const GUESS_ROWS = 2000;

/** What follows from rows, mapping and split. */
interface Current {
  info: DatasetInfo;
  scan: Scan;
  /** Split code of each row. */
  splits: Uint8Array;
  how: Reading;
}

/** How the rows are read under the mapping. */
type Reading = RowsRead & { lesson: MappingReading };

export class Dataset {
  private current: Current | null = null;

  private constructor(
    private readonly kept: DatasetState,
    private readonly stores: DatasetStores,
    private readonly reader: RowReader,
    private readonly lessons: RowLessons,
  ) {}

  /**
   * Reads a source, or several files, into the (empty) stores, guesses the mapping and splits the rows.
   * Throws `bad-data`, `bad-encoding`, `cancelled`, or what the stores throw.
   */
  static async import(
    source: ByteSource | SeveralFiles,
    id: string,
    stores: DatasetStores,
    lessons: RowLessons,
    options: ImportOptions,
  ): Promise<Dataset> {
    const imported =
      source instanceof SeveralFiles
        ? await importSeveral(source, stores, options)
        : await importRows(source, stores, options);
    const reader = new RowReader(stores, imported.rows);
    const first = reader.read(0, GUESS_ROWS).filter((row) => !row.trouble);
    const mapping = guessMapping(
      imported,
      first.map((row) => row.cells),
      lessons,
    );
    const state: DatasetState = {
      version: DATASET_VERSION,
      id,
      name: imported.name,
      bytes: imported.bytes,
      source: imported.source,
      columns: imported.columns,
      rows: imported.rows,
      sha256: imported.sha256,
      durable: options.durable,
      readWarnings: imported.warnings,
      mapping,
      split: { ...DEFAULT_SPLIT },
    };
    const dataset = new Dataset(state, stores, reader, lessons);
    await dataset.setMapping(mapping, { signal: options.signal, onProgress: options.onRowProgress });
    return dataset;
  }

  /** Opens stored rows again with the state they were kept with. Throws `storage` when they don't fit together. */
  static async reopen(
    state: DatasetState,
    stores: DatasetStores,
    lessons: RowLessons,
    options: ScanOptions = {},
  ): Promise<Dataset> {
    const dataset = new Dataset({ ...state }, stores, new RowReader(stores, state.rows), lessons);
    await dataset.setMapping(state.mapping, options);
    return dataset;
  }

  get info(): DatasetInfo {
    return this.now.info;
  }

  /**
   * Reads all rows under another mapping. Throws `bad-config` when it does not fit the columns; the old one then stays.
   */
  async setMapping(mapping: Mapping, options: ScanOptions = {}): Promise<DatasetInfo> {
    const lesson = this.lessons.reading(mapping, tableOf(this.kept));
    const read = storedReader(lesson, this.kept.columns, mapping.split);
    const how = { lesson, read, splitGiven: mapping.split !== null };
    const scan = await scanRows(this.reader, lesson, how, options);
    this.kept.mapping = structuredClone(mapping);
    return this.divide(scan, how);
  }

  /** Splits the usable rows anew. Throws `bad-config` when the shares do not add up; the old split then stays. */
  async setSplit(split: SplitConfig): Promise<DatasetInfo> {
    checkSplit(split);
    this.kept.split = { ...split };
    return Promise.resolve(this.divide(this.now.scan, this.now.how));
  }

  /** `count` rows from place `from` (0 is the first) of those that pass the filter, and how many pass in all. */
  rows(from: number, count: number, filter: RowFilter): { rows: RowView[]; total: number } {
    const { scan } = this.now;
    const start = Math.max(0, from);
    if (filter === 'all') {
      const rows = this.reader.read(start, count).map((stored, i) => this.view(start + i, stored));
      return { rows, total: this.kept.rows };
    }
    const total = filter === 'issues' ? this.kept.rows - scan.usable : scan.duplicates.count;
    const places: number[] = [];
    if (filter === 'duplicates')
      for (let i = start; i < Math.min(total, start + count); i++) places.push(scan.duplicates.pairAt(i)[0]);
    else
      for (let row = 0, found = 0; row < scan.unusable.length && places.length < Math.min(count, total - start); row++)
        if (scan.unusable[row] === 1 && found++ >= start) places.push(row);
    return { rows: places.map((row) => this.view(row, must(this.reader.read(row, 1)[0], 'stored row'))), total };
  }

  /** The cells of the row with this number (from 1), or null when it cannot be used. */
  cells(row: number): readonly string[] | null {
    if (this.now.scan.unusable[row - 1] !== 0) return null;
    return must(this.reader.read(row - 1, 1)[0], 'stored row').cells;
  }

  /** Number and cells of each row of one split in the order of the file, read from the store in pieces. */
  *cellsOf(split: SplitName): Generator<readonly [row: number, cells: readonly string[]]> {
    const { splits } = this.now;
    const code = splitCode(split);
    for (const { first, rows } of this.reader.pieces())
      for (const [i, { cells }] of rows.entries()) if (splits[first + i] === code) yield [first + i + 1, cells];
  }

  state(): DatasetState {
    return structuredClone(this.kept);
  }

  close(): void {
    this.stores.rows.close();
    this.stores.index.close();
  }

  private get now(): Current {
    if (!this.current) throw new TabtuneError('internal', 'The data set is used before its rows were read.');
    return this.current;
  }

  private view(at: number, stored: StoredRow): RowView {
    const { columns, name, source } = this.kept;
    const { scan, splits, how } = this.now;
    const outcome = how.read(stored);
    const original = scan.duplicates.originalOf(at);
    return {
      row: at + 1,
      cells: columns.map((_, i) => stored.cells[i] ?? ''),
      split: splits[at] === NO_SPLIT ? null : (SPLITS[must(splits[at]) - 1] ?? null),
      issue: outcome.ok ? null : { ...placeOfRow(name, source, at, stored.cells.at(-1)), ...outcome.trouble },
      duplicateOf: original === null ? null : original + 1,
    };
  }

  /** Gives each usable row its split and counts everything that follows from it. */
  private divide(scan: Scan, how: Reading): DatasetInfo {
    const { split, mapping, rows, readWarnings, source, columns, ...identity } = this.kept;
    const { splits, ...division } = divideRows(scan, rows, split);
    const { splitRows, splitFromColumn, labels } = division;
    const facts = { rows, scan, split, ...division };
    const info: DatasetInfo = {
      id: identity.id,
      name: identity.name,
      bytes: identity.bytes,
      sha256: identity.sha256,
      durable: identity.durable,
      source,
      sourceInWords: source.format === 'files' ? filesInWords(source) : sourceInWords(source),
      columns: [...columns],
      rows,
      usableRows: scan.usable,
      mapping: structuredClone(mapping),
      mappingInWords: inWords(how.lesson, mapping.split),
      split: { ...split },
      splitRows,
      splitFromColumn,
      labels,
      target: scan.target,
      issues: { total: rows - scan.usable, byProblem: Object.fromEntries(scan.byProblem) },
      health: describeHealth(facts, how.lesson.health(facts), mapping.split, readWarnings),
    };
    this.current = { info, scan, splits, how };
    return info;
  }
}

/** The likeliest mapping, by the columns that say something of the rows themselves. */
function guessMapping(imported: ImportedRows, rows: readonly string[][], lessons: RowLessons): Mapping {
  const { splitColumn, fileColumn } = imported;
  const table = tableOf(imported);
  const kept = [...table.columns.keys()].filter((at) => ![splitColumn, fileColumn].includes(table.columns[at]));
  const columns = kept.map((at) => must(table.columns[at]));
  const cells = rows.map((row) => kept.map((at) => row[at] ?? ''));
  const guessed = lessons.guess(firstRows({ ...table, columns }, cells));
  return { ...guessed, split: splitColumn ?? guessed.split };
}

/** The mapping as a sentence, such as "We take `text` as the text and `label` as the label." */
function inWords(lesson: MappingReading, split: string | null): string {
  const given = split === null ? '' : ` \`${split}\` says which rows are for training, validation and test.`;
  return `We take ${lesson.inWords}.${given}`;
}
