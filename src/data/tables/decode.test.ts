/** Every encoding, cut at every place; what is not text is refused with the offset. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../base/bytes';
import type { ByteSource } from '../../base/bytes';
import { TabtuneError } from '../../base/errors';
import type { TextEncodingName } from '../../domain/dataset';
import { StreamDecoder, detectEncoding, hasByteOrderMark } from './decode';
import { Dataset } from '../dataset';
import { encode, memoryStores, openingError, rowLessons } from '../../testing/data';
import { readText } from './text-stream';

const ENCODINGS: TextEncodingName[] = ['utf-8', 'utf-8-bom', 'utf-16le', 'utf-16be'];
const TEXT = 'text,label\r\n"naïve 😀 日本語, ""quoted""\nline two",a\r\nПривет — ok,b\n';

const fail = (): never => {
  throw new Error('Nothing should come here.');
};

function decodeIn(bytes: Uint8Array, size: number): string {
  const encoding = detectEncoding(bytes, 'f');
  const decoder = new StreamDecoder(encoding, 'f', hasByteOrderMark(bytes, encoding));
  let text = '';
  for (let at = 0; at < bytes.length; at += size) text += decoder.push(bytes.subarray(at, at + size));
  decoder.end();
  return text;
}

/** A source whose reads give at most `size` bytes, whatever is asked for. */
function choppedSource(bytes: Uint8Array, size: number): ByteSource {
  const source = bytesSource('f.csv', bytes);
  return { ...source, read: (start, end) => source.read(start, Math.min(end, start + size)) };
}

describe.each(ENCODINGS)('%s', (encoding) => {
  it('is found by content', () => {
    expect(detectEncoding(encode(TEXT, encoding), 'f')).toBe(encoding);
  });

  it.each([1, 2, 3, 4, 5, 6, 7])('decodes to the same text in pieces of %i bytes', (size) => {
    expect(decodeIn(encode(TEXT, encoding), size)).toBe(TEXT);
  });

  it.each([2, 3, 4, 5, 6, 7])('streams into a reader in pieces of %i bytes', async (size) => {
    const bytes = encode(TEXT, encoding);
    const pieces: string[] = [];
    const ends: true[] = [];
    const done: number[] = [];
    const sink = {
      row: fail,
      column: fail,
      warn: fail,
      progress: async (bytesDone: number) => void done.push(bytesDone),
    };
    const reader = { push: (text: string) => void pieces.push(text), end: () => void ends.push(true) };
    await readText(bytesSource('f', bytes), sink, { format: 'csv', decimalComma: false, encoding }, reader, size);
    expect(pieces.join('')).toBe(TEXT);
    expect([pieces.length, ends.length]).toEqual([Math.ceil(bytes.length / size), 1]);
    expect(done).toEqual(pieces.map((_, i) => Math.min(bytes.length, (i + 1) * size)));
  });

  it.each([1, 2, 3, 4, 5, 6, 7])('imports to the same rows from a source that gives %i bytes at once', async (size) => {
    const source = choppedSource(encode(TEXT, encoding), size);
    const dataset = await Dataset.import(source, 'id', memoryStores(), rowLessons, { durable: false });
    expect(dataset.rows(0, 9, 'all').rows.map((row) => row.cells)).toEqual([
      ['naïve 😀 日本語, "quoted"\nline two', 'a'],
      ['Привет — ok', 'b'],
    ]);
    expect(dataset.info.source.encoding).toBe(encoding);
  });

  it('survives any cut of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 9 }), (noise, size) => {
        const text = `text,label\n${noise.replaceAll('\0', '')}`;
        const bytes = encode(text, encoding);
        const decoder = new StreamDecoder(encoding, 'f', encoding !== 'utf-8');
        let out = '';
        for (let at = 0; at < bytes.length; at += size) out += decoder.push(bytes.subarray(at, at + size));
        decoder.end();
        expect(out).toBe(text);
      }),
    );
  });
});

describe('UTF-16 without a byte order mark', () => {
  it.each(['utf-16le', 'utf-16be'] as const)('%s is found by its zero bytes', (encoding) => {
    const bytes = encode(TEXT, encoding, false);
    expect(detectEncoding(bytes, 'f')).toBe(encoding);
    expect(decodeIn(bytes, 5)).toBe(TEXT);
  });
});

describe('what is not text', () => {
  it.each([
    ['Latin-1', [...new TextEncoder().encode('text,label\ncaf'), 0xe9, 0x20, 0x61], 14],
    ['a lone continuation byte', [0x61, 0x80, 0x62], 1],
    ['an overlong form', [0x61, 0x62, 0xc0, 0xaf], 2],
    ['a surrogate in UTF-8', [0x61, 0xed, 0xa0, 0x80], 1],
    ['a cut character at the end', [0x61, 0x62, 0xe2, 0x82], 2],
  ])('%s is refused with its offset, wherever the stream is cut', (_name, bytes, offset) => {
    for (let size = 1; size <= bytes.length; size++) {
      const decoder = new StreamDecoder('utf-8', 'f.csv', false);
      const read = (): void => {
        for (let at = 0; at < bytes.length; at += size) decoder.push(Uint8Array.from(bytes.slice(at, at + size)));
        decoder.end();
      };
      expect(read).toThrow(expect.objectContaining({ code: 'bad-encoding', place: { file: 'f.csv', offset } }));
    }
  });

  it('says where a bad byte is far into a big file', async () => {
    const bytes = new TextEncoder().encode(`text,label\n${'some text,label a\n'.repeat(200_000)}`);
    bytes[3_000_001] = 0xff;
    const error = await openingError(bytes);
    expect(error).toMatchObject({ code: 'bad-encoding', place: { file: 'data.csv', offset: 3_000_001 } });
    expect(error.fix).toContain('UTF-8');
  });

  it('refuses half a character at the end of UTF-16', () => {
    const decoder = new StreamDecoder('utf-16le', 'f', false);
    decoder.push(Uint8Array.of(0x61, 0, 0x3d, 0xd8));
    expect(() => decoder.end()).toThrow(TabtuneError);
  });

  it.each([
    ['an Excel workbook', [0x50, 0x4b, 0x03, 0x04, 0x14, 0x00], 'Excel'],
    ['a gzip archive', [0x1f, 0x8b, 0x08], 'gzip'],
    ['a Parquet file', [0x50, 0x41, 0x52, 0x31, 0x15], 'Parquet'],
    ['random bytes', Array.from({ length: 5000 }, (_, i) => (i * 7919 + (i >> 3) * 31) & 0xff), 'binary'],
    ['zeros', new Array<number>(3000).fill(0), 'binary'],
    [
      'float32 weights',
      [...new Uint8Array(Float32Array.from({ length: 2000 }, (_, i) => Math.sin(i)).buffer)],
      'binary',
    ],
    [
      'a safetensors file',
      [10, 0, 0, 0, 0, 0, 0, 0, ...new TextEncoder().encode('{"weight":1}'.repeat(50)), 0x9a, 0xbf],
      'binary',
    ],
    [
      'a web page',
      [...new TextEncoder().encode('<!DOCTYPE html>\n<html><body>Not found, sorry</body></html>')],
      'web page',
    ],
  ])('%s named .csv is refused', async (_name, bytes, word) => {
    const error = await openingError(Uint8Array.from(bytes));
    expect(error.code).toBe('bad-data');
    expect(error.message).toContain(word);
    expect(error.fix).toBeTruthy();
  });

  it('names UTF-32', async () => {
    expect(await openingError(Uint8Array.of(0xff, 0xfe, 0, 0, 0x61, 0, 0, 0))).toMatchObject({
      code: 'bad-encoding',
      fix: 'Save it as UTF-8.',
    });
  });
});
