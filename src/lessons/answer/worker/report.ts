/**
 * The report on the test rows: how likely both models find the expected answers, and what they write themselves.
 */
import { TabtuneError } from '../../../base/errors';
import { greedy } from '../../../domain/generation';
import type { MarkedSequence, SequenceScore } from '../../../engine/language-model';
import type { Call } from '../../../worker/session';
import type { TokenScore } from '../shared/evaluation';
import { languageEvaluation } from '../shared/evaluation';
import type { AnswerPair, LanguageEvaluation } from '../shared/schema';
import type { Side, Sides } from './kind';
import { questionOf } from './question';
import { scoredSequences } from './rows';
import type { WritingRun } from './run';
import { scoreSequences } from './run';
import { writeAnswer } from './writing';

/** Answers that are written out at most, and how long one may be. */
const MOST_ANSWERS = 20;
const LONGEST_ANSWER = 128;
/** Writing takes long on modest hardware: no further answer is begun after this time. */
const WRITING_MS = 90_000;

/** Throws `bad-data` without test rows, and `cancelled` before the figures are there. */
export async function report(run: WritingRun, call: Call): Promise<LanguageEvaluation> {
  const startedAt = performance.now();
  const held = await run.rows(call);
  if (held.rows.length === 0)
    throw new TabtuneError('bad-data', 'There are no test rows to evaluate on.', {
      fix: 'Give the test split a share on the Data step and train again.',
    });
  const sequences = scoredSequences(held.rows);
  const scores = {
    before: await scoredBy(run, 'before', sequences, call),
    after: await scoredBy(run, 'after', sequences, call),
  };
  const rewards = (await run.kind.rewards?.(run, held.rows, scores, call)) ?? null;
  const pairs = await writtenPairs(run, call);
  return languageEvaluation(
    held.counts.kept,
    { before: total(scores.before), after: total(scores.after) },
    pairs,
    performance.now() - startedAt,
    rewards,
  );
}

const SCORING: Record<Side, string> = {
  before: 'Scoring the test rows by the base model',
  after: 'Scoring the test rows by the fine-tuned model',
};

/** Scores of sequences of the test rows by one side. */
export const scoredBy = (
  run: Sides,
  which: Side,
  sequences: readonly MarkedSequence[],
  call: Call,
): Promise<SequenceScore[]> => scoreSequences(call, () => run.side(which), sequences, SCORING[which]);

function total(scores: readonly SequenceScore[]): TokenScore {
  return scores.reduce(
    (sum, score) => ({
      lossSum: sum.lossSum - score.logProbability,
      hits: sum.hits + score.correct,
      tokens: sum.tokens + score.tokens,
    }),
    { lossSum: 0, hits: 0, tokens: 0 },
  );
}

/**
 * The first test rows' questions, answered by both. Cancelling ends the writing and keeps what is written: the figures
 * are there by then, and writing takes most of the time.
 */
async function writtenPairs(run: WritingRun, call: Call): Promise<AnswerPair[]> {
  const { session, context } = call;
  const { examples } = await run.rows(call);
  const asked = examples.slice(0, MOST_ANSWERS);
  const startedAt = performance.now();
  const pairs: AnswerPair[] = [];
  for (const [at, example] of asked.entries()) {
    if (performance.now() - startedAt > WRITING_MS) break;
    context.progress({ label: 'Writing answers to the test rows', done: at, total: asked.length, unit: 'rows' });
    const { prompt, question, expected } = questionOf(run.renderer, example, run.start.config.maxLength);
    const length = Math.min(LONGEST_ANSWER, 16 + 2 * run.renderer.format.tokenizer.bare(expected).length);
    const options = { settings: greedy(length), signal: context.signal };
    const write = async (which: Side): Promise<string> =>
      (await writeAnswer(session, () => run.side(which), run.renderer, prompt, options)).text;
    try {
      pairs.push({ row: example.row, question, expected, before: await write('before'), after: await write('after') });
    } catch (thrown) {
      if (context.signal.aborted) break;
      throw thrown;
    }
  }
  return pairs;
}
