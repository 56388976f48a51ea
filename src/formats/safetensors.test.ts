/** safetensors: round trips, every lie a header can tell, and random damage. */
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TabtuneError } from '../base/errors';
import { fromFloat32, toFloat32 } from './dtype';
import { readSafetensors, writeSafetensors } from './safetensors';
import type { NamedTensor, TensorDtype } from './tensor';

const FILE = 'model.safetensors';

/** A file with any header text and any data, its length field right unless given. */
function build(header: string, data = new Uint8Array(0), length?: bigint): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

function failure(bytes: Uint8Array): TabtuneError {
  try {
    readSafetensors(bytes, FILE);
  } catch (error) {
    if (error instanceof TabtuneError) return error;
    throw error;
  }
  throw new Error('the file was accepted');
}

const entry = (begin: number, end: number, shape = '[2]', dtype = 'F32'): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;
const data = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length);

describe('reading', () => {
  it('reads tensors as views with their metadata', () => {
    const bytes = build(
      `{"__metadata__":{"format":"pt"},"b":${entry(8, 12, '[1]')},"a":${entry(0, 8)},"scalar":${entry(12, 16, '[]')}} `,
      data(16).fill(7),
    );
    const { tensors, metadata } = readSafetensors(bytes, FILE);
    expect([...tensors.keys()]).toEqual(['a', 'b', 'scalar']);
    expect(tensors.get('a')).toMatchObject({ dtype: 'F32', shape: [2] });
    expect(tensors.get('a')?.bytes.buffer).toBe(bytes.buffer);
    expect(metadata['format']).toBe('pt');
  });

  it('takes `__proto__` for the name of a tensor and a key of metadata', () => {
    const bytes = build(`{"__metadata__":{"__proto__":"x"},"__proto__":${entry(0, 8)}}`, data(8));
    const { tensors, metadata } = readSafetensors(bytes, FILE);
    expect(tensors.get('__proto__')?.shape).toEqual([2]);
    expect(Object.keys(metadata)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['dtype']).toBeUndefined();
  });

  it('accepts a file without tensors and tensors without values', () => {
    expect(readSafetensors(build('{}'), FILE).tensors.size).toBe(0);
    expect(readSafetensors(build(`{"e":${entry(0, 0, '[0,3]')}}`), FILE).tensors.get('e')?.bytes.length).toBe(0);
  });
});

describe('headers that lie', () => {
  it.each<[string, Uint8Array, Partial<{ offset: number; tensor: string }>]>([
    ['too short', data(7), { offset: 0 }],
    ['length above the limit', build('{}', data(0), 100_000_001n), { offset: 0 }],
    ['length beyond the file', build('{}', data(0), 3n), { offset: 0 }],
    ['length of 2^63', build('{}', data(0), 2n ** 63n), { offset: 0 }],
    ['not UTF-8', build('{"\u0000', Uint8Array.of(0xff), 4n), { offset: 8 }],
    ['not JSON', build('{"a":}'), { offset: 13 }],
    ['not an object', build('[]'), { offset: 8 }],
    ['text behind the header', build('{}x'), { offset: 10 }],
    ['a name twice', build(`{"a":${entry(0, 8)},"a":${entry(0, 8)}}`, data(8)), {}],
    ['metadata that is no map', build('{"__metadata__":[]}'), { offset: 8 }],
    ['metadata with a number', build('{"__metadata__":{"a":1}}'), { offset: 8 }],
    ['an entry that is no object', build('{"a":1}'), { tensor: 'a' }],
    ['no dtype', build('{"a":{"shape":[2],"data_offsets":[0,8]}}', data(8)), { tensor: 'a' }],
    ['an unknown dtype', build(`{"a":${entry(0, 8, '[2]', 'F33')}}`, data(8)), { tensor: 'a' }],
    ['a dtype from the prototype', build(`{"a":${entry(0, 8, '[2]', 'toString')}}`, data(8)), { tensor: 'a' }],
    ['the wrong dtype', build(`{"a":${entry(0, 8, '[2]', 'F16')}}`, data(8)), { tensor: 'a' }],
    ['no shape', build('{"a":{"dtype":"F32","data_offsets":[0,8]}}', data(8)), { tensor: 'a' }],
    ['a fractional shape', build(`{"a":${entry(0, 8, '[2.0]')}}`, data(8)), { tensor: 'a' }],
    ['a negative shape', build(`{"a":${entry(0, 8, '[-2]')}}`, data(8)), { tensor: 'a' }],
    ['the wrong shape', build(`{"a":${entry(0, 8, '[3]')}}`, data(8)), { tensor: 'a' }],
    ['a shape that overflows', build(`{"a":${entry(0, 8, '[4294967296,4294967296,2]')}}`, data(8)), { tensor: 'a' }],
    ['a shape that overflows before a 0', build(`{"a":${entry(0, 0, '[4294967296,4294967296,0]')}}`), { tensor: 'a' }],
    ['no offsets', build('{"a":{"dtype":"F32","shape":[2]}}', data(8)), { tensor: 'a' }],
    ['three offsets', build('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}', data(8)), { tensor: 'a' }],
    ['offsets turned round', build(`{"a":${entry(8, 0)}}`, data(8)), { tensor: 'a' }],
    ['an offset beyond the file', build(`{"a":${entry(0, 8)}}`, data(4)), { tensor: 'a' }],
    ['an overlap', build(`{"a":${entry(0, 8)},"b":${entry(4, 12)}}`, data(12)), { tensor: 'b' }],
    ['the same bytes twice', build(`{"a":${entry(0, 8)},"b":${entry(0, 8)}}`, data(8)), { tensor: 'b' }],
    ['a hole', build(`{"a":${entry(0, 8)},"b":${entry(12, 20)}}`, data(20)), { tensor: 'b' }],
    ['a hole at the start', build(`{"a":${entry(4, 12)}}`, data(12)), { tensor: 'a' }],
    ['bytes that belong to none', build(`{"a":${entry(0, 8)}}`, data(9)), {}],
    [
      'a number without end',
      build(`{"a":{"dtype":"F32","shape":[${'9'.repeat(1_000_000)}],"data_offsets":[0,8]}}`, data(8)),
      {},
    ],
    [
      'a number beyond a double',
      build('{"__metadata__":{},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1e400}}', data(8)),
      {},
    ],
    ['nesting without end', build(`{"a":${'['.repeat(100_000)}`), {}],
  ])('%s', (_name, bytes, place) => {
    const error = failure(bytes);
    expect(error.code).toBe('bad-model');
    expect(error.place).toMatchObject({ file: FILE, ...place });
    expect(error.fix).toBeTruthy();
  });

  it('names types of the format that are not for us', () => {
    expect(failure(build(`{"a":${entry(0, 2, '[2]', 'F8_E4M3')}}`, data(2)))).toMatchObject({
      code: 'unsupported',
      place: { tensor: 'a' },
    });
  });
});

describe('files that are something else', () => {
  const text = (start: string): Uint8Array => new TextEncoder().encode(start.padEnd(300, '.'));
  it.each([
    [
      'a PyTorch zip',
      Uint8Array.from(`PK\u0003\u0004\u0000\u0000\u0008\u0008archive/data.pkl${'.'.repeat(200)}`, (c) =>
        c.charCodeAt(0),
      ),
      /pickle/,
    ],
    ['a pickle stream', Uint8Array.of(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a), /pickle/],
    ['a Git LFS pointer', text('version https://git-lfs.github.com/spec/v1\noid sha256:'), /LFS/],
    ['a web page', text('<!DOCTYPE html><html>'), /web page/],
    ['GGUF', text('GGUF\u0003'), /GGUF/],
  ])('%s', (_name, bytes, reason) => {
    const error = failure(bytes);
    expect(error.code).toBe('bad-model');
    expect(error.message).toMatch(reason);
  });
});

const DTYPES: TensorDtype[] = ['F64', 'F32', 'F16', 'BF16', 'I64', 'I32', 'I16', 'I8', 'U8', 'BOOL'];
const WIDTH: Record<TensorDtype, number> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};
const someTensors: fc.Arbitrary<NamedTensor[]> = fc
  .uniqueArray(
    fc.record({
      name: fc.string({ unit: 'grapheme', minLength: 1 }),
      dtype: fc.constantFrom(...DTYPES),
      shape: fc.array(fc.nat(4), { maxLength: 3 }),
    }),
    { selector: ({ name }) => name, maxLength: 5 },
  )
  .map((list) =>
    list
      .filter(({ name }) => name !== '__metadata__')
      .map(({ name, dtype, shape }) => ({
        name,
        dtype,
        shape,
        bytes: new Uint8Array(shape.reduce((a, b) => a * b, WIDTH[dtype])).map((_, i) => i * 31),
      })),
  );

describe('properties', () => {
  it('reads back what was written, aligned', () => {
    fc.assert(
      fc.property(someTensors, fc.dictionary(fc.string(), fc.string()), (tensors, metadata) => {
        const file = readSafetensors(writeSafetensors(tensors, metadata), FILE);
        expect({ ...file.metadata }).toEqual({ ...metadata });
        expect(file.tensors.size).toBe(tensors.length);
        for (const tensor of tensors) {
          const got = file.tensors.get(tensor.name);
          expect(got).toEqual(tensor);
          expect((got?.bytes.byteOffset ?? 1) % WIDTH[tensor.dtype]).toBe(0);
        }
      }),
    );
  });

  it('answers any damage with tensors inside the file or a typed error', () => {
    const sound = writeSafetensors([
      fromFloat32('weight', [2, 2], Float32Array.of(1, 2, 3, 4)),
      { name: 'n', dtype: 'I64', shape: [1], bytes: data(8) },
    ]);
    const damage = fc.array(fc.record({ at: fc.nat(sound.length - 1), byte: fc.integer({ min: 0, max: 255 }) }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(damage, fc.integer({ min: 0, max: sound.length }), (changes, length) => {
        const bytes = sound.slice();
        for (const { at, byte } of changes) bytes[at] = byte;
        for (const candidate of [bytes, bytes.slice(0, length)]) {
          try {
            const { tensors } = readSafetensors(candidate, FILE);
            const total = [...tensors.values()].reduce((sum, tensor) => sum + tensor.bytes.length, 0);
            expect(total).toBeLessThanOrEqual(candidate.length - 8);
          } catch (error) {
            expect(error).toBeInstanceOf(TabtuneError);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('types', () => {
  const tensor = (dtype: TensorDtype, values: ArrayBufferView, count: number): NamedTensor => ({
    name: 't',
    dtype,
    shape: [count],
    bytes: new Uint8Array(values.buffer),
  });
  it.each<[TensorDtype, ArrayBufferView, number[]]>([
    ['F64', Float64Array.of(0.1, -2), [Math.fround(0.1), -2]],
    ['F32', Float32Array.of(0.5, -2), [0.5, -2]],
    ['F16', Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0x8000), [1, -2, 2 ** -24, 65504, Infinity, -0]],
    ['BF16', Uint16Array.of(0x3f80, 0xc000, 0x7f80), [1, -2, Infinity]],
    ['I64', BigInt64Array.of(5n, -6n), [5, -6]],
    ['I32', Int32Array.of(5, -6), [5, -6]],
    ['I16', Int16Array.of(5, -6), [5, -6]],
    ['I8', Int8Array.of(5, -6), [5, -6]],
    ['U8', Uint8Array.of(5, 255), [5, 255]],
    ['BOOL', Uint8Array.of(0, 1), [0, 1]],
  ])('%s becomes F32, aligned or not', (dtype, values, expected) => {
    const plain = tensor(dtype, values, expected.length);
    expect([...toFloat32(plain)]).toEqual(expected);
    const shifted = new Uint8Array(plain.bytes.length + 1);
    shifted.set(plain.bytes, 1);
    expect([...toFloat32({ ...plain, bytes: shifted.subarray(1) })]).toEqual(expected);
  });
  it('refuses bytes that are no whole values', () =>
    expect(() => toFloat32({ name: 't', dtype: 'F32', shape: [1], bytes: data(3) })).toThrow(TabtuneError));
  it('refuses a shape that does not fit its values', () =>
    expect(() => fromFloat32('t', [3], new Float32Array(2))).toThrow(TabtuneError));
});

const embedded = new URL('../../public/models/all-MiniLM-L6-v2/model.safetensors', import.meta.url);
it.skipIf(!existsSync(embedded))('reads the embedded weights', () => {
  const { tensors } = readSafetensors(new Uint8Array(readFileSync(embedded)), FILE);
  expect([...tensors.values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)).toBe(22_713_216);
  const norm = toFloat32(tensors.get('embeddings.LayerNorm.weight') as NamedTensor);
  expect(norm.length).toBe(384);
  expect(norm.every((value) => value > 0 && value < 5)).toBe(true);
});
