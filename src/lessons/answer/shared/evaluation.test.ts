/** The report on held-out rows, by counted cases. */
import { describe, expect, it } from 'vitest';
import { changeOf, languageEvaluation } from './evaluation';
import type { AnswerPair } from './schema';

const pair = (row: number, before: string, after: string, expected = 'a b c d'): AnswerPair => ({
  row,
  question: `q${row}`,
  expected,
  before,
  after,
});

it('before and after are reckoned apart, from sums', () => {
  const report = languageEvaluation(
    3,
    { before: { lossSum: 30, hits: 2, tokens: 10 }, after: { lossSum: 10, hits: 9, tokens: 10 } },
    [pair(1, 'x', 'a b c d'), pair(2, 'a b', 'a b c')],
    7,
  );
  expect(report.before).toMatchObject({ loss: 3, tokenAccuracy: 0.2, exactMatch: 0 });
  expect(report.before.rougeL).toBeCloseTo((0 + 4 / 6) / 2, 12);
  expect(report.after).toMatchObject({ loss: 1, perplexity: Math.E, tokenAccuracy: 0.9, exactMatch: 0.5 });
  expect(report.after.rougeL).toBeCloseTo((1 + 6 / 7) / 2, 12);
  expect(report).toMatchObject({ rows: 3, elapsedMs: 7 });
});

describe('what became of an answer', () => {
  it.each<[string, string, string]>([
    ['x', 'a b c d', 'learned'],
    ['a b c d', 'a  b c d', 'still-right'],
    ['a', 'a b', 'closer'],
    ['a', 'b', 'as-close'],
    ['a b', 'a', 'further'],
    ['a b c d', 'a', 'lost'],
  ])('%s, then %s: %s', (before, after, change) => {
    expect(changeOf({ before, after, expected: 'a b c d' })).toBe(change);
  });
});
