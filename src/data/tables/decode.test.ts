/** Every encoding, cut at every place; what is not text is refused with the offset. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../base/bytes';
import type { ByteSource } from '../../base/bytes';
import type { TextEncodingName } from '../../domain/dataset';
import { StreamDecoder } from './decode';
import { detectEncoding } from './encoding';
import { Dataset } from '../dataset';
import { encode, memoryStores, open, openingError, rowLessons } from '../../testing/data';
import { readText } from './text-stream';

const ENCODINGS: TextEncodingName[] = ['utf-8', 'utf-8-bom', 'utf-16le', 'utf-16be'];
const TEXT = 'text,label\r\n"naïve 😀 日本語, ""quoted""\nline two",a\r\nПривет — ok,b\n';

const fail = (): never => {
  throw new Error('Nothing should come here.');
};

async function decodeIn(bytes: Uint8Array, size: number): Promise<string> {
  const encoding = await detectEncoding(bytes, 'f', true);
  return decodeAs(new StreamDecoder(encoding), bytes, size);
}

function decodeAs(decoder: StreamDecoder, bytes: Uint8Array, size: number): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += size) text += decoder.push(bytes.subarray(at, at + size));
  return text + decoder.end();
}

/** A source whose reads give at most `size` bytes, whatever is asked for. */
function choppedSource(bytes: Uint8Array, size: number): ByteSource {
  const source = bytesSource('f.csv', bytes);
  return { ...source, read: (start, end) => source.read(start, Math.min(end, start + size)) };
}

describe.each(ENCODINGS)('%s', (encoding) => {
  it('is found by content', async () => {
    expect(await detectEncoding(encode(TEXT, encoding), 'f', true)).toBe(encoding);
  });

  it.each([1, 2, 3, 4, 5, 6, 7])('decodes to the same text in pieces of %i bytes', async (size) => {
    expect(await decodeIn(encode(TEXT, encoding), size)).toBe(TEXT);
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
    // One piece more when the stream has ended: what a cut character leaves.
    const count = Math.ceil(bytes.length / size);
    expect([pieces.length, ends.length]).toEqual([count + 1, 1]);
    expect(done).toEqual(Array.from({ length: count }, (_, i) => Math.min(bytes.length, (i + 1) * size)));
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
        const decoder = new StreamDecoder(encoding);
        expect(decodeAs(decoder, bytes, size)).toBe(text);
        expect(decoder.replaced).toBe(0);
      }),
    );
  });
});

describe('UTF-16 without a byte order mark', () => {
  it.each(['utf-16le', 'utf-16be'] as const)('%s is found by its zero bytes', async (encoding) => {
    const bytes = encode(TEXT, encoding, false);
    expect(await detectEncoding(bytes, 'f', true)).toBe(encoding);
    expect(await decodeIn(bytes, 5)).toBe(TEXT);
  });
});

describe('bytes that do not fit', () => {
  it.each([
    ['Latin-1', [...new TextEncoder().encode('text,label\ncaf'), 0xe9, 0x20, 0x61], 'text,label\ncaf\ufffd a', 2],
    ['a lone continuation byte', [0x61, 0x80, 0x62], 'a\ufffdb', 1],
    ['an overlong form', [0x61, 0x62, 0xc0, 0xaf], 'ab\ufffd\ufffd', 1],
    ['a surrogate in UTF-8', [0x61, 0xed, 0xa0, 0x80], 'a\ufffd\ufffd\ufffd', 1],
    ['a cut character at the end', [0x61, 0x0a, 0xe2, 0x82], 'a\n\ufffd', 2],
    ['a replacement character that was there before', [0xef, 0xbf, 0xbd, 0x0a, 0x80], '\ufffd\n\ufffd', 2],
  ])('%s is replaced, counted and placed, wherever the stream is cut', (_name, bytes, text, line) => {
    for (let size = 1; size <= bytes.length; size++) {
      const decoder = new StreamDecoder('utf-8');
      expect(decodeAs(decoder, Uint8Array.from(bytes), size)).toBe(text);
      const given = bytes[0] === 0xef ? 1 : 0;
      expect([decoder.replaced, decoder.firstLine]).toEqual([text.split('\ufffd').length - 1 - given, line]);
    }
  });

  it('are said with their count and the first line, far into a big file', async () => {
    const bytes = new TextEncoder().encode(`text,label\n${'some täxt,label a\n'.repeat(200_000)}`);
    bytes[3_000_001] = 0xff;
    const { info } = await open(bytes);
    expect(info.rows).toBe(200_000);
    const line = bytes.subarray(0, 3_000_001).filter((byte) => byte === 10).length + 1;
    expect(info.health.warnings[0]).toContain(`At one place the bytes are no UTF-8 and were replaced by “�”, on line`);
    expect(info.health.warnings[0]).toContain(`line ${line.toLocaleString('en')}.`);
  });

  it('that first come far into a big file of ASCII let the encoding be found anew', async () => {
    const rows = (word: number[]): number[] => [
      ...new TextEncoder().encode('some t'),
      ...word,
      ...new TextEncoder().encode('xt,label a\n'),
    ];
    const plain = Array.from({ length: 60_000 }, () => rows([0x65])).flat();
    const bytes = Uint8Array.from([
      ...new TextEncoder().encode('text,label\n'),
      ...plain,
      ...rows([0xe4]),
      ...rows([0xfc]),
    ]);
    const { info, ...rest } = await open(bytes).then((dataset) => ({ info: dataset.info, dataset }));
    expect(info).toMatchObject({ rows: 60_002, source: { encoding: 'windows-1252' } });
    expect(rest.dataset.rows(60_000, 2, 'all').rows.map(({ cells }) => cells[0])).toEqual(['some täxt', 'some tüxt']);
  });

  it('half a character at the end of UTF-16 is replaced', () => {
    const decoder = new StreamDecoder('utf-16le');
    expect(decodeAs(decoder, Uint8Array.of(0x61, 0, 0x3d, 0xd8), 3)).toBe('a\ufffd');
    expect(decoder.replaced).toBe(1);
  });
});

describe('what is not text', () => {
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
