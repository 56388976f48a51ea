/**
 * Figures of merit for answers that a model writes: exact match, ROUGE-L, perplexity, and TRL's figures of a
 * preference.
 */
import { must } from '../base/assert';

/** What the held-out rows say of one model. */
export interface LanguageMetrics {
  /** Mean negative log-likelihood per trained token, in nats. */
  loss: number;
  perplexity: number;
  /** Share of trained tokens that are the likeliest one in their place. */
  tokenAccuracy: number;
  /** Over the answers that were written out; null when none were. */
  exactMatch: number | null;
  rougeL: number | null;
}

/** How DPO judges the pairs of a step, means over them, under TRL's names. */
export interface PreferenceRewards {
  chosen: number;
  rejected: number;
  margins: number;
  accuracies: number;
}

/** Perplexity of a mean loss in nats: e^loss. */
export const perplexity = (loss: number): number => Math.exp(loss);

/** White space does not count: runs of it are one space, and none is at the ends. */
const squeezed = (text: string): string => text.trim().replace(/\s+/g, ' ');

/** Whether an answer is the expected one word for word. */
export const exactMatch = (answer: string, expected: string): boolean => squeezed(answer) === squeezed(expected);

/** Lower-case runs of letters and digits of any script, as ROUGE counts words; marks belong to their letters. */
const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];

/** Words compared at most: the table is quadratic. */
const LONGEST_ROUGE = 2000;

/**
 * ROUGE-L: F1 of the longest common subsequence of words (C.-Y. Lin, 2004), without stemming. 1 when both are without
 * words, 0 when one is.
 */
export function rougeL(answer: string, expected: string): number {
  const a = wordsOf(answer).slice(0, LONGEST_ROUGE);
  const b = wordsOf(expected).slice(0, LONGEST_ROUGE);
  if (a.length === 0 || b.length === 0) return a.length === b.length ? 1 : 0;
  let above = new Uint32Array(b.length + 1);
  let row = new Uint32Array(b.length + 1);
  for (const word of a) {
    for (let j = 1; j <= b.length; j++)
      row[j] = word === b[j - 1] ? must(above[j - 1]) + 1 : Math.max(must(above[j]), must(row[j - 1]));
    [above, row] = [row, above];
  }
  return (2 * must(above[b.length])) / (a.length + b.length);
}

/** An answer beside the one that was expected. */
export interface WrittenAnswer {
  row: number;
  question: string;
  expected: string;
  answer: string;
}

/** Share of exact answers and mean ROUGE-L; nulls without answers. */
export function answerMetrics(
  answers: readonly Pick<WrittenAnswer, 'answer' | 'expected'>[],
): Pick<LanguageMetrics, 'exactMatch' | 'rougeL'> {
  if (answers.length === 0) return { exactMatch: null, rougeL: null };
  const mean = (of: (row: Pick<WrittenAnswer, 'answer' | 'expected'>) => number): number =>
    answers.reduce((sum, row) => sum + of(row), 0) / answers.length;
  return {
    exactMatch: mean((row) => Number(exactMatch(row.answer, row.expected))),
    rougeL: mean((row) => rougeL(row.answer, row.expected)),
  };
}
