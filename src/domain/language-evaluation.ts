/** The base model and the taught one side by side on rows that neither was taught. */
import type { LanguageMetrics, PreferenceRewards } from './language-metrics';
import type { EvaluationReport } from './metrics';
import { answerMetrics, exactMatch, perplexity, rougeL } from './language-metrics';

/** Loss and hits of one model over the trained tokens of the held-out rows. */
export interface TokenScore {
  /** Sum of negative log-likelihoods, in nats. */
  lossSum: number;
  /** Tokens that were the likeliest in their place. */
  hits: number;
  tokens: number;
}

/** One held-out question with both answers. */
export interface AnswerPair {
  row: number;
  question: string;
  expected: string;
  before: string;
  after: string;
}

export type AnswerChange = 'learned' | 'still-right' | 'closer' | 'as-close' | 'further' | 'lost';

export interface LanguageEvaluation {
  rows: number;
  before: LanguageMetrics;
  after: LanguageMetrics;
  answers: AnswerPair[];
  /** Of the test pairs, where preferences were taught. */
  rewards: PreferenceRewards | null;
  elapsedMs: number;
}

export const isLanguageEvaluation = (report: EvaluationReport | LanguageEvaluation): report is LanguageEvaluation =>
  'answers' in report;

function metricsOf(
  { lossSum, hits, tokens }: TokenScore,
  answers: { answer: string; expected: string }[],
): LanguageMetrics {
  const loss = lossSum / tokens;
  return { loss, perplexity: perplexity(loss), tokenAccuracy: hits / tokens, ...answerMetrics(answers) };
}

/**
 * The report over `rows` rows; `answers` may be fewer than those, because writing takes long. Figures are NaN without
 * trained tokens.
 */
export function languageEvaluation(
  rows: number,
  scores: { before: TokenScore; after: TokenScore },
  answers: readonly AnswerPair[],
  elapsedMs: number,
  rewards: PreferenceRewards | null = null,
): LanguageEvaluation {
  const side = (which: 'before' | 'after'): LanguageMetrics =>
    metricsOf(
      scores[which],
      answers.map((pair) => ({ answer: pair[which], expected: pair.expected })),
    );
  return { rows, before: side('before'), after: side('after'), answers: [...answers], rewards, elapsedMs };
}

/** What teaching did to one answer; how close a wrong one is, ROUGE-L says. */
export function changeOf({ expected, before, after }: Pick<AnswerPair, 'expected' | 'before' | 'after'>): AnswerChange {
  const was = exactMatch(before, expected);
  const is = exactMatch(after, expected);
  if (is) return was ? 'still-right' : 'learned';
  if (was) return 'lost';
  const nearer = rougeL(after, expected) - rougeL(before, expected);
  return nearer > 0 ? 'closer' : nearer < 0 ? 'further' : 'as-close';
}

/** The answers that are furthest from what was expected, the worst first. */
export function worstAnswers(answers: readonly AnswerPair[], count: number): AnswerPair[] {
  return answers
    .filter(({ after, expected }) => !exactMatch(after, expected))
    .map((pair) => ({ pair, score: rougeL(pair.after, pair.expected) }))
    .sort((a, b) => a.score - b.score || a.pair.row - b.pair.row)
    .slice(0, count)
    .map(({ pair }) => pair);
}
