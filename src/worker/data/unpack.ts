/** What was dropped as files of data: archives are opened, and what is no data is left out by name. */
import type { ByteSource } from '../../base/bytes';
import { blobSource } from '../../base/bytes';
import { TabtuneError } from '../../base/errors';
import type { DataFile, LeftOut } from '../../data/parts/files';
import { SeveralFiles } from '../../data/parts/files';
import { kindOfName } from '../../data/parts/kinds';
import { pacer } from '../../data/pause';
import { gunzip } from '../../formats/archive/gzip';
import { PACKING_BYTES, otherPacking, packingOf } from '../../formats/archive/packing';
import type { Packing } from '../../formats/archive/packing';
import { TarReader } from '../../formats/archive/tar';
import { safePath } from '../../formats/folder';
import { streamEntry } from '../../formats/zip';
import type { Take } from '../../formats/zip';
import { readDirectory } from '../../formats/zip-directory';
import type { DroppedFile } from '../link/protocol';
import type { Context } from '../link/server';
import type { Scratch } from './scratch';

/** What an archive may hold. */
export interface UnpackLimits {
  files: number;
  /** Bytes of data, all archives together. */
  bytes: number;
  /** Unpacked bytes for each packed one, once there are more than `freeBytes`. */
  ratio: number;
  freeBytes: number;
}

export const UNPACK_LIMITS: UnpackLimits = { files: 300_000, bytes: 3 * 2 ** 30, ratio: 250, freeBytes: 2 ** 28 };

const ARCHIVE_NAME = /\.(zip|gz|tgz|tar)$/i;

/**
 * The files, archives among them opened, one inside another too. Throws `bad-data` for an archive that is damaged,
 * locked or larger than the limits allow, and `cancelled`.
 */
export async function openFiles(
  dropped: readonly DroppedFile[],
  scratch: Scratch,
  context: Context,
  limits: UnpackLimits = UNPACK_LIMITS,
): Promise<SeveralFiles> {
  const unpacker = new Unpacker(scratch, context, limits);
  const [only, ...others] = dropped;
  // Heads of many files are only read where the name speaks of an archive; one file shows itself whatever its name.
  const alone = only !== undefined && others.length === 0;
  for (const { path, file } of dropped) {
    const source = blobSource(path, file);
    if (alone) await refuseOtherPacking(source);
    if (alone || ARCHIVE_NAME.test(path)) await unpacker.open(source, 0);
    else unpacker.files.push({ path, source });
  }
  const archive = alone && unpacker.opened ? only.path : null;
  return new SeveralFiles(unpacker.files, unpacker.leftOut, archive);
}

async function refuseOtherPacking(source: ByteSource): Promise<void> {
  const what = otherPacking(await source.read(0, Math.min(PACKING_BYTES, source.size)));
  if (what === null) return;
  throw new TabtuneError('bad-data', `This file is ${what}, which is not read here.`, {
    place: { file: source.name },
    fix: 'Unpack it and drop what was inside, or pack it as .zip.',
  });
}

/** A tar archive as it streams; `end` takes its files. */
interface Unpacked {
  reader: TarReader;
  end: () => Promise<void>;
}

class Unpacker {
  readonly files: DataFile[] = [];
  readonly leftOut: LeftOut[] = [];
  opened = false;
  private entries = 0;
  private readonly pause: () => Promise<void>;

  constructor(
    private readonly scratch: Scratch,
    private readonly context: Context,
    private readonly limits: UnpackLimits,
  ) {
    this.pause = pacer(context.signal);
  }

  /** Takes a file; at `depth` 1 it comes out of an archive itself. */
  async open(source: ByteSource, depth: number): Promise<void> {
    const head = await source.read(0, Math.min(PACKING_BYTES, source.size));
    // Old tar archives bear no mark; what a browser has unpacked by itself may still be called .gz.
    const packing = packingOf(head) ?? (/\.tar$/i.test(source.name) ? 'tar' : null);
    if (packing === null && /\.(zip|tgz)$/i.test(source.name))
      throw new TabtuneError('bad-data', `${source.name} is no archive: it may be damaged, or have another name.`, {
        place: { file: source.name },
        fix: 'Get it again; a table should be named for what it is, such as .csv.',
      });
    if (packing === null) this.files.push({ path: source.name, source });
    else if (depth > 1) this.leftOut.push({ path: source.name, why: 'archives inside archives inside archives' });
    else {
      this.opened = true;
      await inData(source.name, () => this.unpack(source, packing, depth));
    }
  }

  private unpack(source: ByteSource, packing: Packing, depth: number): Promise<void> {
    if (packing === 'zip') return this.zip(source, depth);
    return packing === 'gzip' ? this.gzip(source, depth) : this.tar(source, depth);
  }

  private async zip(source: ByteSource, depth: number): Promise<void> {
    const entries = await readDirectory(source, this.limits.files);
    if (entries.some(({ name }) => name === '[Content_Types].xml')) {
      const excel = entries.some(({ name }) => name.startsWith('xl/'));
      throw new TabtuneError('bad-data', `This is ${excel ? 'an Excel workbook' : 'an Office document'}.`, {
        place: { file: source.name },
        fix: excel ? 'Save the sheet as CSV (UTF-8).' : 'Save its table as CSV, or its text as .txt.',
      });
    }
    const wanted = entries.filter(({ name }) => !name.endsWith('/') && this.wants(source, name));
    const total = wanted.reduce((sum, { size }) => sum + size, 0);
    let done = 0;
    for (const entry of wanted) {
      const path = `${source.name}/${safePath(entry.name, source.name)}`;
      const from = this.scratch.size;
      await streamEntry(source, entry, this.into(source, from), async () => {
        await this.scratch.settle();
        await this.pause();
        this.tell(done + this.scratch.size - from, total);
      });
      done += entry.size;
      await this.add(path, from, depth);
    }
  }

  private async gzip(source: ByteSource, depth: number): Promise<void> {
    const from = this.scratch.size;
    const take = this.into(source, from);
    let tar: Unpacked | null = null;
    let begun = false;
    await gunzip(
      source,
      (piece) => {
        // The first piece is longer than the head of a tar archive, unless all is shorter.
        if (!begun && packingOf(piece) === 'tar') tar = this.tarReader(source, depth);
        begun = true;
        if (tar) tar.reader.push(piece);
        else take(piece);
      },
      async (done) => {
        await this.scratch.settle();
        await this.pause();
        this.tell(done, source.size);
      },
    );
    // The compiler does not see that `take` was called meanwhile.
    const found = tar as Unpacked | null;
    return found ? found.end() : this.add(source.name.replace(/\.gz$/i, ''), from, depth);
  }

  private async tar(source: ByteSource, depth: number): Promise<void> {
    const { reader, end } = this.tarReader(source, depth);
    const step = 1 << 20;
    for (let at = 0; at < source.size; at += step) {
      reader.push(await source.read(at, Math.min(at + step, source.size)));
      await this.scratch.settle();
      await this.pause();
      this.tell(Math.min(at + step, source.size), source.size);
    }
    await end();
  }

  /** Reads a tar archive into the scratch; its files are added at its end, when no other is being written. */
  private tarReader(source: ByteSource, depth: number): Unpacked {
    const found: { path: string; from: number; to: number }[] = [];
    const take = this.into(source, this.scratch.size);
    const reader = new TarReader(source.name, ({ path, size }) => {
      if (path.endsWith('/') || !this.wants(source, path)) return null;
      const from = this.scratch.size;
      found.push({ path: `${source.name}/${safePath(path, source.name)}`, from, to: from + size });
      return take;
    });
    const end = async (): Promise<void> => {
      reader.end();
      for (const { path, from, to } of found) await this.add(path, from, depth, to);
    };
    return { reader, end };
  }

  /** Whether the entry is to be unpacked; what is not is left out by its name. */
  private wants(source: ByteSource, name: string): boolean {
    if (++this.entries > this.limits.files) this.tooMuch(source, `more than ${this.limits.files} files`);
    const found = kindOfName(name);
    if (found.kind === 'none') this.leftOut.push({ path: name, why: found.why });
    return found.kind !== 'none';
  }

  /** What takes unpacked bytes into the scratch, within the limits. */
  private into(source: ByteSource, from: number): Take {
    const { bytes, ratio, freeBytes } = this.limits;
    return (piece) => {
      const unpacked = this.scratch.size - from + piece.length;
      if (this.scratch.size + piece.length > bytes) this.tooMuch(source, `more than ${bytes / 2 ** 30} GB`);
      if (unpacked > freeBytes && unpacked > source.size * ratio)
        this.tooMuch(source, `more than ${ratio} times its own size`);
      this.scratch.append(piece);
    };
  }

  private tooMuch(source: ByteSource, what: string): never {
    throw new TabtuneError('bad-data', `${source.name} would unpack to ${what}.`, {
      place: { file: source.name },
      fix: 'Unpack it yourself, and drop the tables that you need.',
    });
  }

  private async add(path: string, from: number, depth: number, to = this.scratch.size): Promise<void> {
    const source = this.scratch.source(path, from, to);
    if (ARCHIVE_NAME.test(path)) await this.open(source, depth + 1);
    else this.files.push({ path, source });
  }

  private tell(done: number, total: number): void {
    this.context.progress({ label: 'Unpacking', done, total, unit: 'bytes' });
  }
}

/** What is thrown of an archive, as an error about data: the readers of archives think of models. */
async function inData(file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (!(thrown instanceof TabtuneError) || thrown.code !== 'bad-model') throw thrown;
    const { message, place, fix } = thrown;
    throw new TabtuneError('bad-data', message, { place: place ?? { file }, ...(fix ? { fix } : {}), cause: thrown });
  }
}
