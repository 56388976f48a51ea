/** Archives of all kinds as Python's zipfile, tarfile and gzip read them (archives.py), and hostile ones. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync, strFromU8, strToU8, zipSync } from 'fflate';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { memoryStore } from '../../base/bytes';
import { Scratch } from './scratch';
import { UNPACK_LIMITS, openFiles } from './unpack';
import type { UnpackLimits } from './unpack';

interface Archive {
  name: string;
  base64: string;
  /** Contents by path, or nothing where it has to be refused. */
  files?: Record<string, string>;
}

const ARCHIVES = JSON.parse(
  strFromU8(gunzipSync(readFileSync(join(import.meta.dirname, 'archives.json.gz')))),
) as Archive[];

const scratchFiles = vi.fn(() => Promise.resolve({ store: memoryStore(), remove: () => Promise.resolve() }));
afterEach(() => void scratchFiles.mockClear());

const told: { label: string; done: number; total: number | null }[] = [];
const contextOf = (signal: AbortSignal) =>
  ({ signal, progress: (progress: (typeof told)[number]) => void told.push(progress) }) as never;

const open = (
  dropped: Record<string, Uint8Array<ArrayBuffer> | string>,
  limits: UnpackLimits = UNPACK_LIMITS,
  signal = new AbortController().signal,
) => {
  const files = Object.entries(dropped).map(([path, content]) => ({ path, file: new File([content], path) }));
  return openFiles(files, new Scratch(scratchFiles), contextOf(signal), limits);
};

async function contents(dropped: Record<string, Uint8Array<ArrayBuffer> | string>): Promise<Record<string, string>> {
  const { files } = await open(dropped);
  const found: Record<string, string> = {};
  for (const { path, source } of files) found[path] = strFromU8(await source.read(0, source.size));
  return found;
}

const bytesOf = ({ base64 }: Archive): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(base64, 'base64'));

describe('an archive that Python writes', () => {
  it.each(ARCHIVES.filter(({ files }) => files))('$name', async (archive) => {
    const { name, files = {} } = archive;
    const folder = name.endsWith('.gz') && !name.endsWith('.tar.gz') ? '' : `${name}/`;
    const wanted = Object.entries(files).map(([path, text]) => [`${folder}${path}`, text] as const);
    expect(await contents({ [name]: bytesOf(archive) })).toEqual(Object.fromEntries(wanted));
  });

  it.each(ARCHIVES.filter(({ files, name }) => !files && name !== 'nothing.zip'))(
    '$name is refused',
    async (archive) => {
      await expect(open({ [archive.name]: bytesOf(archive) })).rejects.toMatchObject({
        code: 'bad-data',
        place: { file: archive.name },
        fix: expect.stringMatching(/\.$/) as string,
      });
    },
  );
});

describe('a hostile archive', () => {
  const zeros = (bytes: number): Uint8Array<ArrayBuffer> => gzipSync(new Uint8Array(bytes), { level: 9 });

  it('that unpacks to far more than itself is refused', async () => {
    const limits = { ...UNPACK_LIMITS, freeBytes: 1 << 20 };
    const refusal = { code: 'bad-data', message: expect.stringContaining('more than 250 times') as string };
    await expect(open({ 'zeros.csv.gz': zeros(40 << 20) }, limits)).rejects.toMatchObject(refusal);
    const zip = zipSync({ 'zeros.csv': new Uint8Array(40 << 20) }, { level: 9 });
    await expect(open({ 'zeros.zip': zip }, limits)).rejects.toMatchObject(refusal);
  });

  it('that is larger than what is allowed in all is refused', async () => {
    const limits = { ...UNPACK_LIMITS, bytes: 2 ** 20 };
    const zip = zipSync({ 'a.csv': new Uint8Array(600_000).fill(65), 'b.csv': new Uint8Array(600_000).fill(66) });
    await expect(open({ 'two.zip': zip }, limits)).rejects.toMatchObject({
      code: 'bad-data',
      place: { file: 'two.zip' },
    });
    const one = zipSync({ 'a.csv': new Uint8Array(600_000).fill(65) });
    await expect(open({ 'one.zip': one, 'other.zip': one }, limits)).rejects.toMatchObject({ code: 'bad-data' });
  });

  it('that is none is refused, but for text that was unpacked on its way', async () => {
    await expect(open({ 'half.zip': 'PK no zip at all' })).rejects.toMatchObject({ code: 'bad-data' });
    await expect(open({ 'half.tar': 'no tar at all' })).rejects.toMatchObject({ code: 'bad-data' });
    const { files } = await open({ 'rows.csv.gz': 'text,label\na,b\n' });
    expect(files.map(({ path }) => path)).toEqual(['rows.csv.gz']);
  });

  it('of too many files is refused', async () => {
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}.csv`, strToU8('a,b\n')]));
    await expect(open({ 'many.zip': zipSync(files) }, { ...UNPACK_LIMITS, files: 10 })).rejects.toMatchObject({
      code: 'bad-data',
    });
  });

  it('inside an archive inside an archive is left out by name', async () => {
    const nested = zipSync({ 'b.zip': zipSync({ 'c.zip': zipSync({ 'd.csv': strToU8('a,b\n1,2\n') }) }) });
    const { files, leftOut } = await open({ 'a.zip': nested });
    expect(files).toEqual([]);
    expect(leftOut).toEqual([{ path: 'a.zip/b.zip/c.zip', why: expect.stringContaining('inside') as string }]);
  });
});

describe('unpacking', () => {
  const table = strToU8(
    `text,label\n${Array.from({ length: 400_000 }, (_, i) => `row ${(i * 7919) % 400_000},x\n`).join('')}`,
  );

  it('moves what is much into a file, and gives back the same bytes', async () => {
    const wide = new Uint8Array(36 << 20).map((_, i) => 32 + ((i * 31 + (i >> 9)) % 90));
    const { files } = await open({ 'wide.csv.gz': gzipSync(wide, { level: 1 }), 'small.csv': 'a,b\n1,2\n' });
    expect(scratchFiles).toHaveBeenCalledTimes(1);
    const source = files.find(({ path }) => path === 'wide.csv')?.source;
    expect(source?.size).toBe(wide.length);
    expect(await source?.read(wide.length - 1000, wide.length)).toEqual(wide.subarray(wide.length - 1000));
    expect(await source?.read(5_000_000, 5_000_100)).toEqual(wide.subarray(5_000_000, 5_000_100));
  });

  it('says how far it is, and stops when asked to', async () => {
    told.length = 0;
    const packed = gzipSync(table);
    await open({ 'rows.csv.gz': packed });
    expect(told.at(-1)).toMatchObject({ label: 'Unpacking', done: packed.length, total: packed.length });
    const controller = new AbortController();
    const opening = open({ 'rows.zip': zipSync({ 'rows.csv': table }) }, UNPACK_LIMITS, controller.signal);
    controller.abort();
    await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('leaves what is no data where it is', async () => {
    const zip = zipSync({
      'x/train.csv': strToU8('text,label\na,b\n'),
      'x/1.png': new Uint8Array(9),
      'README.md': strToU8('x'),
    });
    const { files, leftOut } = await open({ 'x.zip': zip });
    expect(files.map(({ path }) => path)).toEqual(['x.zip/x/train.csv']);
    expect(leftOut.map(({ path }) => path)).toEqual(['x/1.png', 'README.md']);
    expect(scratchFiles).not.toHaveBeenCalled();
  });
});
