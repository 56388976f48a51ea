/**
 * A data set: its rows in a byte store, its mapping, its split and its health; every row is read from the store on
 * demand.
 */
import { must } from '../base/assert';
import type { ByteSource } from '../base/bytes';
import { TabtuneError } from '../base/errors';
import type { LanguageExample } from '../domain/conversation';
import { DEFAULT_SPLIT, isLanguageMapping } from '../domain/dataset';
import type { ColumnMapping, DatasetInfo, RowFilter, RowView, SourceFormat, SplitConfig } from '../domain/dataset';
import { SPLITS } from '../domain/task';
import type { Example, SplitName } from '../domain/task';
import { divideRows } from './divide';
import { guessLanguageMapping } from './guess-language';
import { describeHealth } from './health';
import { importRows } from './import';
import { checkMapping, guessMapping, mappingInWords } from './mapping';
import { rowReader } from './read-row';
import type { RowOutcome } from './read-row';
import { RowReader } from './row-store';
import type { DatasetStores, StoredRow } from './row-store';
import { scanRows } from './scan';
import type { Scan, ScanOptions } from './scan';
import { NO_SPLIT, checkSplit, splitCode } from './split';
import { sourceInWords } from './tables';

export type { DatasetStores } from './row-store';

export interface ImportOptions {
  signal?: AbortSignal;
  onProgress?: (doneBytes: number, totalBytes: number) => void;
  /** After the bytes, the rows are looked at once more: progress of that. */
  onRowProgress?: (doneRows: number, totalRows: number) => void;
  durable: boolean;
}

/** Everything but the two stores, as plain JSON. */
export interface DatasetState {
  version: 1;
  id: string;
  name: string;
  bytes: number;
  source: SourceFormat;
  columns: string[];
  rows: number;
  sha256: string;
  durable: boolean;
  readWarnings: string[];
  mapping: ColumnMapping;
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
  classOf: Map<string, number>;
  read: (stored: StoredRow) => RowOutcome;
}

export class Dataset {
  private current: Current | null = null;

  private constructor(
    private readonly kept: DatasetState,
    private readonly stores: DatasetStores,
    private readonly reader: RowReader,
  ) {}

  /**
   * Reads a source into the (empty) stores, guesses the mapping and splits the rows.
   * Throws `bad-data`, `bad-encoding`, `cancelled`, or what the stores throw.
   */
  static async import(source: ByteSource, id: string, stores: DatasetStores, options: ImportOptions): Promise<Dataset> {
    const imported = await importRows(source, stores, options);
    const reader = new RowReader(stores, imported.rows);
    const first = reader.read(0, GUESS_ROWS).filter((row) => !row.trouble);
    const cells = first.map((row) => row.cells);
    const mapping =
      guessLanguageMapping(imported.columns, cells) ??
      guessMapping(imported.columns, cells, imported.source.decimalComma);
    const state: DatasetState = {
      version: 1,
      id,
      name: source.name,
      bytes: source.size,
      source: imported.source,
      columns: imported.columns,
      rows: imported.rows,
      sha256: imported.sha256,
      durable: options.durable,
      readWarnings: imported.warnings,
      mapping,
      split: { ...DEFAULT_SPLIT },
    };
    const dataset = new Dataset(state, stores, reader);
    await dataset.setMapping(mapping, { signal: options.signal, onProgress: options.onRowProgress });
    return dataset;
  }

  /** Opens stored rows again with the state they were kept with. Throws `storage` when they don't fit together. */
  static async reopen(state: DatasetState, stores: DatasetStores, options: ScanOptions = {}): Promise<Dataset> {
    const dataset = new Dataset({ ...state }, stores, new RowReader(stores, state.rows));
    await dataset.setMapping(state.mapping, options);
    return dataset;
  }

  get info(): DatasetInfo {
    return this.now.info;
  }

  /**
   * Reads all rows under another mapping. Throws `bad-config` when it does not fit the columns; the old one then stays.
   */
  async setMapping(mapping: ColumnMapping, options: ScanOptions = {}): Promise<DatasetInfo> {
    checkMapping(mapping, this.kept.columns);
    const scan = await scanRows(this.reader, this.kept.columns, mapping, this.kept.source.decimalComma, options);
    this.kept.mapping = structuredClone(mapping);
    return this.divide(scan);
  }

  /** Splits the usable rows anew. Throws `bad-config` when the shares do not add up; the old split then stays. */
  async setSplit(split: SplitConfig): Promise<DatasetInfo> {
    checkSplit(split);
    this.kept.split = { ...split };
    return Promise.resolve(this.divide(this.now.scan));
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
      for (let row = 0, found = 0; row < scan.problems.length && places.length < Math.min(count, total - start); row++)
        if (scan.problems[row] !== 0 && found++ >= start) places.push(row);
    return { rows: places.map((row) => this.view(row, must(this.reader.read(row, 1)[0], 'stored row'))), total };
  }

  /** The usable row with this number (from 1) as the mapping reads it, or null. */
  example(row: number): Example | null {
    const stored = this.reader.read(row - 1, 1)[0];
    return stored && row >= 1 ? this.exampleOf(row - 1, stored) : null;
  }

  /** The rows of one split in the order of the file, read from the store in pieces. */
  *examples(split: SplitName): Generator<Example> {
    const { splits } = this.now;
    const code = splitCode(split);
    for (const { first, rows } of this.reader.pieces())
      for (const [i, stored] of rows.entries())
        if (splits[first + i] === code) {
          const example = this.exampleOf(first + i, stored);
          if (example) yield example;
        }
  }

  /**
   * One row as a decoder learns from it, counted from 1, or null when it is unusable or the mapping is for labelled
   * texts.
   */
  conversation(row: number): LanguageExample | null {
    const stored = this.reader.read(row - 1, 1)[0];
    return stored ? this.conversationOf(row - 1, stored) : null;
  }

  /** The rows of a split in their order, for a decoder; nothing when the mapping is for labelled texts. */
  *conversations(split: SplitName): Generator<LanguageExample> {
    const { splits } = this.now;
    const code = splitCode(split);
    for (const { first, rows } of this.reader.pieces())
      for (const [i, stored] of rows.entries())
        if (splits[first + i] === code) {
          const example = this.conversationOf(first + i, stored);
          if (example) yield example;
        }
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

  private exampleOf(at: number, stored: StoredRow): Example | null {
    const { classOf, read } = this.now;
    const { mapping } = this.kept;
    const outcome = read(stored);
    if (!outcome.ok || isLanguageMapping(mapping)) return null;
    const { row } = outcome;
    const indices = row.labels.map((name) => classOf.get(name)).filter((index) => index !== undefined);
    let label: Example['label'] = row.target;
    if (mapping.task === 'multi-label') {
      const hot = new Array<number>(classOf.size).fill(0);
      for (const index of indices) hot[index] = 1;
      label = hot;
    } else if (mapping.task === 'single-label') {
      if (indices[0] === undefined) return null;
      label = indices[0];
    }
    return { row: at + 1, text: row.text, ...(row.pair === null ? {} : { textPair: row.pair }), label };
  }

  private conversationOf(at: number, stored: StoredRow): LanguageExample | null {
    const outcome = this.now.read(stored);
    return outcome.ok && outcome.row.language ? { row: at + 1, ...outcome.row.language } : null;
  }

  private view(at: number, stored: StoredRow): RowView {
    const { columns, name } = this.kept;
    const { scan, splits, read } = this.now;
    const outcome = read(stored);
    const original = scan.duplicates.originalOf(at);
    return {
      row: at + 1,
      cells: columns.map((_, i) => stored.cells[i] ?? ''),
      split: splits[at] === NO_SPLIT ? null : (SPLITS[must(splits[at]) - 1] ?? null),
      issue: outcome.ok ? null : { file: name, row: at + 1, ...outcome.trouble },
      duplicateOf: original === null ? null : original + 1,
    };
  }

  /** Gives each usable row its split and counts everything that follows from it. */
  private divide(scan: Scan): DatasetInfo {
    const { split, mapping, rows, readWarnings, source, columns, ...identity } = this.kept;
    const { splits, ...division } = divideRows(scan, rows, split);
    const { splitRows, splitFromColumn, labels, leaks } = division;
    const info: DatasetInfo = {
      id: identity.id,
      name: identity.name,
      bytes: identity.bytes,
      sha256: identity.sha256,
      durable: identity.durable,
      source,
      sourceInWords: sourceInWords(source),
      columns: [...columns],
      rows,
      usableRows: scan.usable,
      mapping: structuredClone(mapping),
      mappingInWords: mappingInWords(mapping),
      split: { ...split },
      splitRows,
      splitFromColumn,
      labels,
      target: scan.target,
      issues: { total: rows - scan.usable, byProblem: { ...scan.byProblem } },
      health: describeHealth({ rows, scan, mapping, split, splitFromColumn, splitRows, labels, leaks, readWarnings }),
    };
    const classOf = new Map(labels.map((label, index) => [label.name, index]));
    this.current = { info, scan, splits, classOf, read: rowReader(mapping, columns, source.decimalComma) };
    return info;
  }
}
