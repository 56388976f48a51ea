/**
 * What a file format of tables is: it finds itself in the first bytes of a file, and reads the file's bytes, in
 * whatever order it likes, into rows. `index.ts` lists the formats; what all have in common is in `../import.ts`.
 */
import type { ByteSource } from '../../base/bytes';
import type { ReadWishes, SourceFormat, TextEncodingName } from '../../domain/dataset';
import type { RowSink } from '../records';

/** The beginning of a file, by which each format finds itself. */
export interface FileHead {
  /** The whole file, for formats that are known by more than their beginning. */
  readonly source: ByteSource;
  readonly bytes: Uint8Array;
  /** Whether `bytes` are all that the file holds. */
  readonly whole: boolean;
  /** The bytes as text; null when they are none, or none that can be a table. */
  readonly text: HeadText | null;
  /** What the person asked for; formats heed what concerns them. */
  readonly wishes: ReadWishes;
}

export interface HeadText {
  encoding: TextEncodingName;
  sample: string;
}

/** Where a format delivers. */
export interface TableSink extends RowSink {
  /**
   * Says how many bytes of the file are done. To be awaited between pieces of work: the worker's messages get their
   * turn, and it throws `cancelled` when asked to stop.
   */
  progress(doneBytes: number): Promise<void>;
}

/** `Found` is what the format finds out about a file; it is kept with the data set, so it has to be plain JSON. */
export interface TableFormat<Found extends SourceFormat = SourceFormat> {
  /** Kept with data sets: never changed, never used for another format. */
  readonly id: string;
  /** In a sentence, such as "a CSV table". */
  readonly name: string;
  /** What a file picker offers: name endings such as ".csv" and media types. */
  readonly fileTypes: readonly string[];
  /** How the file is to be read, or null when it is of another format. */
  detect(head: FileHead): Found | null | Promise<Found | null>;
  /**
   * Reads the file into the sink, never all of it at once. `source` gives every byte that is asked for, or throws
   * `bad-data`. Throws `bad-data` or `bad-encoding` with the place in the file. Where what came contradicts what was
   * found by the beginning it returns a better finding, of whatever format: all is forgotten and the file read anew.
   */
  read(source: ByteSource, sink: TableSink, found: Found): Promise<SourceFormat | null | void>;
  /** What was found, behind the name, such as "in UTF-8"; it may be of a file that an earlier version read. */
  words(source: SourceFormat): string;
}
