/** Where the rows of several files go, one file after the other. */
import { must } from '../../base/assert';
import { StoreSink } from '../import';
import type { ReadOptions } from '../import';
import { pacer } from '../pause';
import { RowWriter } from '../row-store';
import type { DatasetStores } from '../row-store';
import { Sha256 } from '../sha256';
import type { PlacedFile } from './files';

/** What several files are read with. */
export interface Reading {
  writer: RowWriter;
  sink: StoreSink;
  pause: () => Promise<void>;
  /** To be told the bytes of the file under way. */
  progress: (doneBytes: number) => Promise<void>;
  /** Begins the next file. */
  next: (file: PlacedFile) => void;
}

/** Opens the stores for files that are read one after the other. */
export function begin(files: readonly PlacedFile[], stores: DatasetStores, options: ReadOptions): Reading {
  const total = files.reduce((sum, { source }) => sum + source.size, 0);
  const pause = pacer(options.signal);
  let before = 0;
  let current = 0;
  const progress = (done: number): Promise<void> => {
    options.onProgress?.(before + done, total);
    return pause();
  };
  const writer = new RowWriter(stores);
  return {
    writer,
    sink: new StoreSink(must(files[0]).name, writer, progress),
    pause,
    progress,
    next: ({ source }) => {
      before += current;
      current = source.size;
    },
  };
}

/** Of the same files the same, in whatever order they came: a hash over the hashes and names in the order of rows. */
export class FilesHash {
  private readonly all = new Sha256();
  private readonly encoder = new TextEncoder();

  add(name: string, sha256: string): void {
    this.all.update(this.encoder.encode(`${sha256}  ${name}\n`));
  }

  hex(): string {
    return this.all.hex();
  }
}
