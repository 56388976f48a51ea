/** Exact match and ROUGE-L by hand-counted cases. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerMetrics, exactMatch, perplexity, rougeL } from './language-metrics';

describe('ROUGE-L', () => {
  it.each<[string, string, number]>([
    // The longest common subsequence is "police the gunman": 3 of 4 and 3 of 4 words.
    ['police kill the gunman', 'police killed the gunman', 0.75],
    ['the gunman kill police', 'police killed the gunman', 0.5],
    ['A Larkspur bike costs 4 crowns.', 'a larkspur BIKE costs 4 crowns', 1],
    ['one two three', 'four five', 0],
    ['a b c d', 'a c', (2 * 1 * 0.5) / 1.5],
    ['東京 は', '東京', 2 / 3],
    ['', '', 1],
    ['', 'word', 0],
    ['...', 'word', 0],
  ])('%s | %s', (answer, expected, score) => {
    expect(rougeL(answer, expected)).toBeCloseTo(score, 12);
  });

  it('is symmetric, 1 for equal texts, and between 0 and 1', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(text, text, (a, b) => {
        const score = rougeL(a, b);
        return score === rougeL(b, a) && score >= 0 && score <= 1 && rougeL(a, a) === 1;
      }),
    );
  });
});

it('white space does not make an answer wrong, words and case do', () => {
  expect([exactMatch(' Yes.\n No. ', 'Yes. No.'), exactMatch('yes.', 'Yes.'), exactMatch('Yes', 'Yes.')]).toEqual([
    true,
    false,
    false,
  ]);
});

it('means over answers; nothing without answers', () => {
  expect(
    answerMetrics([
      { answer: 'a b', expected: 'a b' },
      { answer: 'a', expected: 'a b c' },
    ]),
  ).toEqual({ exactMatch: 0.5, rougeL: 0.75 });
  expect(answerMetrics([])).toEqual({ exactMatch: null, rougeL: null });
  expect(perplexity(Math.log(7))).toBeCloseTo(7, 12);
});
