/**
 * What a GGUF file says before its weights: real files, files of our own writer, and every way in which a header can
 * lie.
 */
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../base/bytes';
import type { ByteSource } from '../../base/bytes';
import { TabtuneError } from '../../base/errors';
import { readGgufHeader } from './header';
import { writeGguf } from './write';
import type { GgufEntry, GgufTensor } from './write';

const VOCABULARY = new URL('../../../../shared/tokenizers/gguf/ggml-vocab-gpt-2.gguf', import.meta.url);
const here = existsSync(VOCABULARY);

const ENTRIES: [string, GgufEntry][] = [
  ['general.architecture', { type: 'string', value: 'llama' }],
  ['general.quantization_version', { type: 'u32', value: 2 }],
  ['llama.rope.freq_base', { type: 'f32', value: 10000 }],
  ['tokenizer.ggml.add_bos_token', { type: 'bool', value: true }],
  ['tokenizer.ggml.tokens', { type: 'strings', value: ['<s>', 'ä', '', '__proto__'] }],
  ['tokenizer.ggml.token_type', { type: 'i32s', value: [3, 1, 1, -1] }],
  ['tokenizer.ggml.scores', { type: 'f32s', value: [0, -1, -2.5, -3] }],
];
const tensor = (name: string, type: GgufTensor['type'], shape: number[], bytes: number): GgufTensor => ({
  name,
  type,
  shape,
  pack: () => Uint8Array.from({ length: bytes }, (_, i) => i),
});
const TENSORS = [
  tensor('a.weight', 'F32', [3, 5], 60),
  tensor('b.weight', 'Q8_0', [2, 64], 136),
  tensor('c.weight', 'F16', [2], 4),
];
const FILE = writeGguf(new Map(ENTRIES), TENSORS);

const read = (bytes: Uint8Array) => readGgufHeader(bytesSource('m.gguf', bytes));

async function failure(bytes: Uint8Array): Promise<TabtuneError> {
  return read(bytes).then(
    () => expect.fail('this should have been refused'),
    (error: unknown) => (error instanceof TabtuneError ? error : expect.fail(`no TabtuneError: ${String(error)}`)),
  );
}

/** Where the text stands in the file, plus `after` bytes. */
function placeOf(text: string, after = 0): number {
  const at = Buffer.from(FILE).indexOf(text);
  expect(at).toBeGreaterThan(0);
  return at + text.length + after;
}

/** A copy with a number written over it. */
function changed(at: number, value: number | bigint, bytes = FILE): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  if (typeof value === 'bigint') view.setBigUint64(at, value, true);
  else view.setUint32(at, value, true);
  return copy;
}

describe('a sound file', () => {
  it('is read as it was written', async () => {
    const { version, metadata, tensors } = await read(FILE);
    expect(version).toBe(3);
    expect([...metadata]).toEqual([
      ['general.architecture', 'llama'],
      ['general.quantization_version', 2],
      ['llama.rope.freq_base', 10000],
      ['tokenizer.ggml.add_bos_token', true],
      ['tokenizer.ggml.tokens', ['<s>', 'ä', '', '__proto__']],
      ['tokenizer.ggml.token_type', Int32Array.of(3, 1, 1, -1)],
      ['tokenizer.ggml.scores', Float32Array.of(0, -1, -2.5, -3)],
    ]);
    expect(tensors.map(({ name, type, shape, size }) => ({ name, type, shape, size }))).toEqual([
      { name: 'a.weight', type: 'F32', shape: [3, 5], size: 60 },
      { name: 'b.weight', type: 'Q8_0', shape: [2, 64], size: 136 },
      { name: 'c.weight', type: 'F16', shape: [2], size: 4 },
    ]);
    for (const { begin, size } of tensors) {
      expect(begin % 32).toBe(0);
      expect([...FILE.subarray(begin, begin + size)]).toEqual(Array.from({ length: size }, (_, i) => i));
    }
  });

  it('may be of version 2', async () => expect((await read(changed(4, 2))).version).toBe(2));

  it('is read in pieces, never past its header', async () => {
    const tokens = Array.from({ length: 150_000 }, (_, i) => `token ${i}`);
    const bytes = writeGguf(new Map<string, GgufEntry>([['tokens', { type: 'strings', value: tokens }]]), [
      { ...tensor('w', 'F32', [2_000_000], 0), pack: () => new Uint8Array(8_000_000) },
    ]);
    const reads: number[] = [];
    const source: ByteSource = {
      ...bytesSource('big.gguf', bytes),
      read: (start, end) => (reads.push(end), Promise.resolve(bytes.subarray(start, end))),
    };
    expect((await readGgufHeader(source)).metadata.get('tokens')).toEqual(tokens);
    expect(reads).toEqual([1 << 20, 1 << 22]);
  });

  it.skipIf(!here)(
    `the vocabulary of GPT-2${here ? '' : ' (skipped: ../shared/tokenizers is not there)'}`,
    async () => {
      const { metadata, tensors } = await read(new Uint8Array(readFileSync(VOCABULARY)));
      expect(metadata.get('general.architecture')).toBe('gpt2');
      expect(metadata.get('tokenizer.ggml.merges')).toHaveLength(50_000);
      expect(tensors).toEqual([]);
    },
  );
});

describe('a damaged file is refused with the place', () => {
  const infoOf = (name: string): number => placeOf(name);
  it.each<[string, () => Uint8Array, RegExp]>([
    ['nothing', () => new Uint8Array(), /no GGUF/],
    ['another format', () => new TextEncoder().encode('{"__metadata__": {}} and more bytes'), /no GGUF/],
    ['more metadata than bytes', () => changed(16, 1n << 40n), /claims 1099511627776 metadata entries/],
    ['more tensors than bytes', () => changed(8, 5_000_000n), /claims 5000000 tensors/],
    ['a count beyond any file', () => changed(8, 0xffffffffffffffffn), /number of tensors is 18446744073709551615/],
    ['one tensor more than there are', () => changed(8, 4n), /size|name|ends|dimensions/],
    [
      'a text longer than the file',
      () => changed(placeOf('general.architecture', 4), 1n << 33n),
      /8589934592 bytes for "general.architecture"/,
    ],
    [
      'a list longer than the file',
      () => changed(placeOf('tokenizer.ggml.tokens', 8), 1n << 50n),
      /texts in "tokenizer.ggml.tokens"/,
    ],
    [
      'a list of numbers longer than the file',
      () => changed(placeOf('tokenizer.ggml.scores', 8), 1n << 30n),
      /values in "tokenizer.ggml.scores"/,
    ],
    [
      'an unknown type of value',
      () => changed(placeOf('llama.rope.freq_base'), 99),
      /"llama.rope.freq_base" has the unknown type 99/,
    ],
    [
      'a list of an unknown type',
      () => changed(placeOf('tokenizer.ggml.scores', 4), 77),
      /list of the unknown type 77/,
    ],
    ['five dimensions', () => changed(infoOf('a.weight'), 5), /"a.weight" has 5 dimensions/],
    ['no dimension', () => changed(infoOf('a.weight'), 0), /"a.weight" has 0 dimensions/],
    ['a size of nothing', () => changed(infoOf('a.weight') + 4, 0n), /"a.weight" has the size \[3, 0\]/],
    [
      'sizes whose product is beyond any file',
      () => changed(infoOf('a.weight') + 4, 1n << 52n),
      /"a.weight" has the size/,
    ],
    [
      'a tensor larger than the file',
      () => changed(infoOf('a.weight') + 4, 500_000n),
      /"a.weight" ends at .* it is cut off/,
    ],
    ['rows that are no whole blocks', () => changed(infoOf('b.weight') + 4, 65n), /rows of 65 values/],
    [
      'a place off the alignment',
      () => changed(infoOf('b.weight') + 24, 65n),
      /begins at 65, no multiple of the alignment 32/,
    ],
    ['a place beyond the end', () => changed(infoOf('b.weight') + 24, 1n << 40n), /"b.weight" ends at/],
    [
      'tensors that overlap',
      () => changed(infoOf('b.weight') + 24, 32n),
      /"b.weight" begins at .* overlaps "a.weight"/,
    ],
    ['the end missing', () => FILE.slice(0, FILE.length - 32), /it is cut off/],
    ['the end of the header missing', () => FILE.slice(0, 150), /claims|ends/],
  ])('%s', async (_name, make, message) => {
    const error = await failure(make());
    expect(error.code).toBe('bad-model');
    expect(error.message).toMatch(message);
    expect(error.place).toMatchObject({ file: 'm.gguf' });
    expect(typeof error.place?.offset).toBe('number');
  });

  it('names that occur twice', async () => {
    const twice = FILE.slice();
    twice.set(new TextEncoder().encode('a.weight'), placeOf('b.weight') - 8);
    expect((await failure(twice)).message).toContain('two tensors "a.weight"');
    const again = FILE.slice();
    again.set(new TextEncoder().encode('tokenizer.ggml.scores'), placeOf('tokenizer.ggml.tokens') - 21);
    expect((await failure(again)).message).toContain('has "tokenizer.ggml.scores" twice');
  });

  it('lists nested without end', async () => {
    const nested = new Uint8Array(24 + 8 + 1 + 4 + 12 * 2000);
    const view = new DataView(nested.buffer);
    view.setUint32(0, 0x46554747, true);
    view.setUint32(4, 3, true);
    view.setBigUint64(16, 1n, true);
    view.setBigUint64(24, 1n, true);
    nested[32] = 0x78;
    view.setUint32(33, 9, true);
    for (let i = 0; i < 2000; i++) {
      view.setUint32(37 + 12 * i, 9, true);
      view.setBigUint64(41 + 12 * i, 1n, true);
    }
    expect((await failure(nested)).message).toContain('nested deeper than 4');
  });

  it('an alignment that is none', async () => {
    const bytes = writeGguf(new Map<string, GgufEntry>([['general.alignment', { type: 'u32', value: 12 }]]), []);
    expect((await failure(bytes)).message).toContain('general.alignment');
  });
});

describe('a sound file that is not for us', () => {
  it.each([
    [10, 'Q2_K'],
    [16, 'IQ2_XXS'],
    [39, 'MXFP4'],
    [200, 'type 200'],
  ])('the quantization %i is named: %s', async (id, name) => {
    const error = await failure(changed(placeOf('b.weight', 20), id));
    expect(error).toMatchObject({ code: 'unsupported', place: { file: 'm.gguf', tensor: 'b.weight' } });
    expect(error.message).toContain(name);
    expect(error.fix).toContain('Q4_K');
  });

  it('version 1, version 4, and big-endian', async () => {
    expect(await failure(changed(4, 1))).toMatchObject({
      code: 'unsupported',
      message: 'm.gguf: GGUF version 1 is not read.',
    });
    expect(await failure(changed(4, 4))).toMatchObject({ code: 'unsupported' });
    expect((await failure(changed(4, 0x03000000))).message).toContain('big-endian');
  });
});

describe('any bytes', () => {
  const settle = async (bytes: Uint8Array): Promise<void> => {
    await read(bytes).catch((error: unknown) => {
      if (!(error instanceof TabtuneError) || error.code === 'internal') throw error;
    });
  };

  it('changed, cut or lengthened headers are read or refused', async () => {
    const change = fc.record({
      at: fc.nat(FILE.length - 1),
      value: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 127, 128, 255)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 12 }), fc.nat(FILE.length + 40), async (changes, length) => {
        const bytes = new Uint8Array(length);
        bytes.set(FILE.subarray(0, length));
        for (const { at, value } of changes) if (at < length) bytes[at] = value;
        await settle(bytes);
      }),
      { numRuns: 3000 },
    );
  });

  it('numbers of 64 bits anywhere in the header are read or refused', async () => {
    const wide = fc.oneof(fc.bigInt({ min: 0n, max: 0xffffffffffffffffn }), fc.bigInt({ min: 0n, max: 4096n }));
    await fc.assert(
      fc.asyncProperty(fc.nat(FILE.length - 8), wide, async (at, value) => settle(changed(at, value))),
      { numRuns: 3000 },
    );
  });
});
