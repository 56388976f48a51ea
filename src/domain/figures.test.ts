/** Numbers of any size are readable, and none is shown as nothing. */
import { describe, expect, it } from 'vitest';
import { answerInDigits, figureInWords } from './figures';

describe('a number of the data', () => {
  it.each([
    [0, '0'],
    [17.4, '17.4'],
    [0.012345678, '0.01235'],
    [-0.5, '-0.5'],
    [2026, '2026'],
    [9999.96, '10,000'],
    [250_123.4, '250,123'],
    [-250_123.4, '-250,123'],
    [999_999_999_999, '999,999,999,999'],
    [1e12, '1e12'],
    [1.5e-6, '1.5e−6'],
    [-3e-9, '-3e−9'],
    [NaN, '–'],
    [-Infinity, '–'],
  ])('%d is written as %s', (value, words) => {
    expect(figureInWords(value)).toBe(words);
  });

  it.each([
    [3.035687, '3.036'],
    [250_123.4, '250123'],
    [1.2345678e-9, '1.235e-9'],
    [0, '0'],
    [NaN, 'NaN'],
  ])('%d is written for programs as %s', (value, digits) => {
    expect(answerInDigits(value)).toBe(digits);
  });
});
