/** The base model and the taught one side by side on rows that neither was taught. */
import { answerMetrics, exactMatch, perplexity, rougeL } from '../../../domain/language-metrics';
import type { LanguageMetrics, PreferenceRewards } from '../../../domain/language-metrics';
import type { AnswerPair, LanguageEvaluation } from './schema';

/** Loss and hits of one model over the trained tokens of the held-out rows. */
export interface TokenScore {
  /** Sum of negative log-likelihoods, in nats. */
  lossSum: number;
  /** Tokens that were the likeliest in their place. */
  hits: number;
  tokens: number;
}

export type AnswerChange = 'learned' | 'still-right' | 'closer' | 'as-close' | 'further' | 'lost';

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
