/**
 * Packed blocks against those of the `gguf` Python package (0.19.0, `gguf.quants.quantize`), byte for byte, and
 * rounding to half precision.
 */
import { must } from '../../base/assert';
import { describe, expect, it } from 'vitest';
import { dequantize } from './dequantize';
import { halfOf, quantize } from './quantize';
import type { WrittenType } from './quantize';

const decoded = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));
/**
 * 64 values from a normal distribution with a tie of the largest magnitude in the first block and zeros in the second.
 */
const VALUES = new Float32Array(
  decoded(
    'g54UPRz3Wb6rYq09zczMPuT6mj1lKK29kYmfPc3MzL41Xx2+X9P/PX2hEz4oode7aGTgvIj2grwRtse9lv3gPVheXr2hvae7lHeivUM4gL3M1gK+UbkAPgN1fLwd0sU97qWuOr42jr1vzwW9fHhlvZykUDqVtRm9JbL1vIIqDb4AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAMJxgb0SVDS+U4OWPV6kGbvDGeo7yhKavZNHOj1t5Vy98yFqvMn44r3PDvm9K8IIPsi1T73O8e488XJdu22xNL2RD1C9eQqBPTpK97wSIHi8lqERO+vy8D1gXos9jLYcPQ==',
  ).buffer,
);
const GOLDEN: [WrittenType, string][] = [
  ['Q4_0', 'ZqqXjKaQtlqGb4uWlZiJmJq2oyV4OCjoaJiIaGWwe3iI1bqm'],
  ['Q8_0', 'cxoMvBt/GOUZgc8oLv73++Ej7/7n7Nco+x8A6vbuAPT21K4VAAAAAAAAAADSgTX+Bcoh2fawqGDbFf7g2y3q9QJVMRw='],
  [
    'F16',
    'pSjQsmstZjbYLGmt/Cxmtuuw/y+dML2eA6cYpD6uCC/zqj6dFK0CrBewBjDkoy8udRVyrC6oLKuFEs6orqdpsAAAAAAAAAAAAAAAAAAAAAAMrKOxtCzNmFEf0azSKeeqUaMYr8ivRjB+qngn7JqmqYCqCCy6p8GjjRiIL1ss5ig=',
  ],
];

describe('packed as ggml packs', () => {
  it.each(GOLDEN)('%s', (type, base64) => expect(quantize(type, VALUES, 'x')).toEqual(decoded(base64)));

  it('comes back within half a step', () => {
    const largest = Math.max(...VALUES.map(Math.abs));
    const error = (type: WrittenType): number =>
      Math.max(...dequantize(type, quantize(type, VALUES, 'x')).map((value, i) => Math.abs(value - must(VALUES[i]))));
    expect([error('F32'), error('F16') < 2 ** -12, error('Q8_0') < largest / 250, error('Q4_0') < largest / 7]).toEqual(
      [0, true, true, true],
    );
  });

  it('blocks of nothing stay nothing', () => {
    for (const type of ['Q8_0', 'Q4_0'] as const)
      expect([...dequantize(type, quantize(type, new Float32Array(32), 'x'))].every((value) => value === 0)).toBe(true);
  });
});

describe('half precision', () => {
  it('gives back every pattern', () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const values = dequantize('F16', new Uint8Array(bits.buffer));
    const wrong = [...bits].filter(
      (pattern) => !Number.isNaN(values[pattern]) && halfOf(must(values[pattern])) !== pattern,
    );
    expect(wrong).toEqual([]);
    expect(halfOf(NaN) & 0x7c00).toBe(0x7c00);
  });

  it.each([
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [1 + 2 ** -11 + 2 ** -20, 0x3c01],
    [2 ** -25, 0],
    [2 ** -25 + 2 ** -30, 1],
    [3 * 2 ** -25, 2],
    [2 ** -14 - 2 ** -26, 0x0400],
    [65519, 0x7bff],
    [65520, 0x7c00],
    [-65504, 0xfbff],
    [1e30, 0x7c00],
  ])('%d is rounded to the nearest, ties to even', (value, pattern) => expect(halfOf(value)).toBe(pattern));

  it('names the tensor whose values do not fit', () => {
    expect(() => quantize('F16', Float32Array.of(1, 70_000), 'lm_head.weight')).toThrow(
      expect.objectContaining({ code: 'numbers', place: { tensor: 'lm_head.weight' } }),
    );
  });
});
