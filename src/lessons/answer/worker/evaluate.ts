/**
 * The test rows of a run that writes: how likely both models find the expected answers, and what they write themselves.
 */
import { must } from '../../../base/assert';
import { TabtuneError } from '../../../base/errors';
import { greedy } from '../../../domain/generation';
import type { AnswerPair, LanguageEvaluation, TokenScore } from '../../../domain/language-evaluation';
import { languageEvaluation } from '../../../domain/language-evaluation';
import type { PreferenceRewards } from '../../../domain/language-metrics';
import type { MarkedSequence, SequenceScore } from '../../../engine/language-model';
import { meanRewards } from '../../../engine/objectives/dpo';
import type { LanguageRow } from '../../../text/language-rows';
import { questionOf } from './question';
import type { LanguageRunInHand, Side } from './run';
import { scoredSequences } from './run';
import type { Context } from '../../../worker/link/server';
import type { Session } from '../../../worker/session';
import { writeAnswer } from './writing';

/** Answers that are written out at most, and how long one may be. */
const MOST_ANSWERS = 20;
const LONGEST_ANSWER = 128;
/** Writing takes long on modest hardware: no further answer is begun after this time. */
const WRITING_MS = 90_000;
/** Sequences that are scored in one turn of the engine. */
const SCORED_A_TURN = 8;

/** Throws `bad-data` without test rows, and `cancelled` before the figures are there. */
export async function evaluateWriting(
  session: Session,
  run: LanguageRunInHand,
  context: Context,
): Promise<LanguageEvaluation> {
  const startedAt = performance.now();
  const held = await run.rows(session, context);
  if (held.rows.length === 0)
    throw new TabtuneError('bad-data', 'There are no test rows to evaluate on.', {
      fix: 'Give the test split a share on the Data step and train again.',
    });
  const sequences = scoredSequences(held.rows);
  const scores = {
    before: await scoreAll(session, run, 'before', sequences, context),
    after: await scoreAll(session, run, 'after', sequences, context),
  };
  const rewards = await rewardsOf(session, run, held.rows, scores, context);
  const pairs = await writtenPairs(session, run, context);
  return languageEvaluation(
    held.counts.kept,
    { before: total(scores.before), after: total(scores.after) },
    pairs,
    performance.now() - startedAt,
    rewards,
  );
}

async function scoreAll(
  session: Session,
  run: LanguageRunInHand,
  which: Side,
  sequences: readonly MarkedSequence[],
  context: Context,
): Promise<SequenceScore[]> {
  const label =
    which === 'before' ? 'Scoring the test rows by the base model' : 'Scoring the test rows by the fine-tuned model';
  return scoreSequences(session, () => run.side(which), sequences, context, label);
}

/** Scores of sequences, a few at a time so that other requests are answered in between. Throws `cancelled`. */
export async function scoreSequences(
  session: Session,
  side: () => ReturnType<LanguageRunInHand['side']>,
  sequences: readonly MarkedSequence[],
  context: Context,
  label: string,
): Promise<SequenceScore[]> {
  const scores: SequenceScore[] = [];
  for (let from = 0; from < sequences.length; from += SCORED_A_TURN) {
    context.progress({ label, done: from, total: sequences.length, unit: 'rows' });
    const piece = sequences.slice(from, from + SCORED_A_TURN);
    scores.push(
      ...(await session.engineTurns.take(async () => {
        const { model, base } = await side();
        return model.score(piece, { base, signal: context.signal });
      })),
    );
  }
  context.progress({ label, done: sequences.length, total: sequences.length, unit: 'rows' });
  return scores;
}

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
 * How the fine-tuned model judges the pairs, with what it said before as the reference (as in DPO); null where no
 * preferences were taught.
 */
async function rewardsOf(
  session: Session,
  run: LanguageRunInHand,
  rows: readonly LanguageRow[],
  chosen: Record<Side, SequenceScore[]>,
  context: Context,
): Promise<PreferenceRewards | null> {
  if (run.summary.task !== 'preference') return null;
  const { beta } = run.summary.config;
  const rejected = rows.flatMap((row) => (row.kind === 'preference' ? [row.rejected] : []));
  const before = await scoreAll(session, run, 'before', rejected, context);
  const after = await scoreAll(session, run, 'after', rejected, context);
  const reward = (now: readonly SequenceScore[], then: readonly SequenceScore[]): number[] =>
    now.map((score, i) => beta * (score.logProbability - must(then[i], 'score').logProbability));
  return meanRewards([Float32Array.from([...reward(chosen.after, chosen.before), ...reward(after, before)])]);
}

/**
 * The first test rows' questions, answered by both. Cancelling ends the writing and keeps what is written: the figures
 * are there by then, and writing takes most of the time.
 */
async function writtenPairs(session: Session, run: LanguageRunInHand, context: Context): Promise<AnswerPair[]> {
  const { examples } = await run.rows(session, context);
  const asked = examples.slice(0, MOST_ANSWERS);
  const startedAt = performance.now();
  const pairs: AnswerPair[] = [];
  for (const [at, example] of asked.entries()) {
    if (performance.now() - startedAt > WRITING_MS) break;
    context.progress({ label: 'Writing answers to the test rows', done: at, total: asked.length, unit: 'rows' });
    const { prompt, question, expected } = questionOf(run.renderer, example, run.summary.config.maxLength);
    const length = Math.min(LONGEST_ANSWER, 16 + 2 * run.renderer.format.tokenizer.bare(expected).length);
    const write = async (which: Side): Promise<string> =>
      (
        await writeAnswer(session, () => run.side(which), run.renderer, prompt, {
          settings: greedy(length),
          signal: context.signal,
        })
      ).text;
    try {
      pairs.push({ row: example.row, question, expected, before: await write('before'), after: await write('after') });
    } catch (thrown) {
      if (context.signal.aborted) break;
      throw thrown;
    }
  }
  return pairs;
}
