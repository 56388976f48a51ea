/** Archives: round trips, and every way in which one can lie. */
import { zipSync } from 'fflate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blobSource, bytesSource } from '../base/bytes';
import { TabtuneError } from '../base/errors';
import { crc32 } from './crc32';
import { stripTopFolder } from './folder';
import { readZip, writeZip } from './zip';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const bytesOf = async (blob: Blob): Promise<Uint8Array> => new Uint8Array(await blob.arrayBuffer());
const open = (bytes: Uint8Array, limits?: Parameters<typeof readZip>[1]) =>
  readZip(bytesSource('model.zip', bytes), limits);

/** The error of opening the archive and unpacking all of it. */
async function failure(bytes: Uint8Array, limits?: Parameters<typeof readZip>[1]): Promise<TabtuneError> {
  try {
    for (const file of await open(bytes, limits)) await file.bytes();
  } catch (error) {
    if (error instanceof TabtuneError) return error;
    throw error;
  }
  throw new Error('the archive was accepted');
}

it('the checksum is CRC-32 at any length', () => {
  expect(crc32(text('123456789'))).toBe(0xcbf43926);
  expect(crc32(text('a'))).toBe(0xe8b7be43);
  expect(crc32(new Uint8Array(0))).toBe(0);
});

describe('round trips', () => {
  it('reads what it wrote; weights are stored, texts packed; equal files give equal bytes', async () => {
    const files = [
      { path: 'config.json', bytes: text('{"a": 1}'.repeat(1000)) },
      { path: '2_Dense/model.safetensors', bytes: new Uint8Array(50_000).fill(3) },
      { path: 'ünï.txt', bytes: new Uint8Array(0) },
    ];
    const blob = await writeZip(files);
    expect(blob.size).toBeGreaterThan(50_000);
    expect(blob.size).toBeLessThan(52_000);
    const read = await readZip(blobSource('x.zip', blob));
    expect(read.map(({ path, size }) => [path, size])).toEqual(files.map(({ path, bytes }) => [path, bytes.length]));
    for (const [index, file] of read.entries()) expect(await file.bytes()).toEqual(files[index]?.bytes);
    expect(await bytesOf(await writeZip(files))).toEqual(await bytesOf(blob));
  });

  it('reads archives of other programs, folders and comments included', async () => {
    const bytes = zipSync(
      {
        'm/': new Uint8Array(0),
        'm/a.txt': [text('hello'.repeat(100)), { level: 9, comment: 'note' }],
        'm/b.bin': [text('x'), { level: 0 }],
      },
      {},
    );
    const read = stripTopFolder(await open(bytes));
    expect(read.map(({ path }) => path)).toEqual(['a.txt', 'b.bin']);
    expect(await read[0]?.bytes()).toEqual(text('hello'.repeat(100)));
  });

  it('strips one common folder and what systems leave behind', async () => {
    const bytes = zipSync({
      'my model/config.json': text('{}'),
      '__MACOSX/my model/._config.json': text('x'),
      'my model/.DS_Store': text('x'),
    });
    expect(stripTopFolder(await open(bytes)).map(({ path }) => path)).toEqual(['config.json']);
  });
});

/** The archive with a change to the central directory's first entry. */
function patched(bytes: Uint8Array, change: (view: DataView, at: number) => void): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  let at = 0;
  while (view.getUint32(at, true) !== 0x02014b50) at++;
  change(view, at);
  return copy;
}

describe('archives that lie', () => {
  const sound = zipSync({ 'a.txt': text('hello world '.repeat(50)) });

  it.each<[string, Uint8Array]>([
    ['no archive', text('this is no archive')],
    ['nothing at all', new Uint8Array(0)],
    ['the end cut off', sound.slice(0, -5)],
    ['the start cut off', sound.slice(20)],
    ['a size that is too small', patched(sound, (view, at) => view.setUint32(at + 24, 10, true))],
    ['a size that is too large', patched(sound, (view, at) => view.setUint32(at + 24, 601, true))],
    ['a size beyond what deflate can pack', patched(sound, (view, at) => view.setUint32(at + 24, 0xfffffff0, true))],
    ['a packed size beyond the file', patched(sound, (view, at) => view.setUint32(at + 20, 1_000_000, true))],
    ['a wrong checksum', patched(sound, (view, at) => view.setUint32(at + 16, 1, true))],
    ['an offset into nowhere', patched(sound, (view, at) => view.setUint32(at + 42, 3, true))],
    ['an offset beyond the file', patched(sound, (view, at) => view.setUint32(at + 42, 1_000_000, true))],
    ['an unknown method', patched(sound, (view, at) => view.setUint16(at + 10, 12, true))],
    ['encryption', patched(sound, (view, at) => view.setUint16(at + 8, 1, true))],
    ['a path that climbs out', zipSync({ '../evil.txt': text('x') })],
    ['a path that climbs out further in', zipSync({ 'a/../../evil.txt': text('x') })],
    ['an absolute path', zipSync({ '/etc/passwd': text('x') })],
    ['a drive', zipSync({ 'C:\\evil.txt': text('x') })],
  ])('%s', async (_name, bytes) => {
    expect(await failure(bytes)).toMatchObject({ code: 'bad-model', place: { file: 'model.zip' } });
  });

  it('a name twice', async () => {
    const two = zipSync({ 'a.txt': text('1'), 'b.txt': text('2') });
    const renamed = patched(two, (view, at) => {
      let next = at + 46;
      while (view.getUint32(next, true) !== 0x02014b50) next++;
      view.setUint8(next + 46, 'a'.charCodeAt(0));
    });
    expect((await failure(renamed)).message).toContain('twice');
  });

  it('more than the limits allow, when several files are unpacked side by side', async () => {
    const files = await open(zipSync({ a: new Uint8Array(60), b: new Uint8Array(60) }), { files: 10, bytes: 100 });
    const results = await Promise.allSettled(files.map((file) => file.bytes()));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('more than the limits allow, as counted while unpacking', async () => {
    const bomb = zipSync({ 'a.txt': new Uint8Array(600_000), 'b.txt': new Uint8Array(600_000) }, { level: 9 });
    expect((await failure(bomb, { files: 10, bytes: 1_000_000 })).message).toContain('1000000');
    expect((await failure(bomb, { files: 1, bytes: 1e9 })).message).toContain('2 files');
    const [first] = await open(bomb, { files: 10, bytes: 1_000_000 });
    expect((await first?.bytes())?.length).toBe(600_000);
    expect((await first?.bytes())?.length).toBe(600_000);
  });

  it('any damage gives a typed error or the whole content', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.nat(sound.length - 1), byte: fc.nat(255) }), { minLength: 1, maxLength: 3 }),
        async (changes) => {
          const bytes = sound.slice();
          for (const { at, byte } of changes) bytes[at] = byte;
          try {
            for (const file of await open(bytes)) expect((await file.bytes()).length).toBeLessThanOrEqual(600);
          } catch (error) {
            if (!(error instanceof TabtuneError)) throw error;
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
