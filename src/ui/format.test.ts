/** Numbers are shown as people read them. */
import { describe, expect, it } from 'vitest';
import { placeInWords } from './error-notice';
import { formatBytes, formatDuration, formatNumber, formatPercent, plural } from './format';

describe('formats', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [45_300_000, '45 MB'],
    [999_600_000, '1.0 GB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [0, '0 s'],
    [49, '0 s'],
    [400, '0.4 s'],
    [950, '1 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [200_000, '3 min 20 s'],
    [3_900_000, '1 h 5 min'],
  ])('%d ms are %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('shows what is no number as a dash', () => {
    expect(formatNumber(NaN)).toBe('–');
    expect(formatPercent(NaN)).toBe('–');
  });

  it('keeps small numbers readable', () => {
    expect(formatNumber(0.0002)).toBe('2.0e−4');
    expect(formatNumber(0.01)).toBe('0.01');
    expect(formatPercent(0.953)).toBe('95.3 %');
  });

  it('counts in words', () => {
    expect(plural(1, 'row')).toBe('1 row');
    expect(plural(1200, 'row')).toBe('1,200 rows');
    expect(plural(2, 'pass', 'passes')).toBe('2 passes');
  });
});

describe('placeInWords', () => {
  it('names every known part and no other', () => {
    expect(placeInWords({ file: 'a.csv', row: 12, column: 'label' })).toBe('a.csv · row 12 · column “label”');
    expect(placeInWords({ offset: 0 })).toBe('byte 0');
    expect(placeInWords({})).toBe('');
  });
});
