/** Learns to write: a decoder over answers or texts, or over pairs of a preferred and a rejected answer (DPO). */
import { must } from '../../base/assert';
import type { AnswerConfig, PreferenceConfig } from '../../domain/language-config';
import { isLower } from '../../domain/metrics';
import { packSequences } from '../../domain/row-packing';
import {
  joinSequences,
  type LanguageModel,
  type MarkedSequence,
  type PreferenceBatch,
  type SequenceScore,
} from '../language-model';
import { dpoObjective, nextTokenObjective } from '../objectives';
import { meanRewards } from '../objectives/dpo';
import type { Learner, Made } from '../training/learner';

/** Rows as sequences; a long text may give several of one row. */
export interface SequenceRow extends MarkedSequence {
  row: number;
}

export interface PreferenceRow {
  row: number;
  chosen: MarkedSequence;
  rejected: MarkedSequence;
}

/** Of a split each. */
export interface LanguageSplits<T> {
  train: readonly T[];
  validation: readonly T[];
}

const tokens = (sequences: readonly MarkedSequence[]): number =>
  sequences.reduce((sum, { ids }) => sum + ids.length, 0);

/** Mean loss a token and share of tokens that are the first choice. */
function summary(scores: readonly SequenceScore[]): { loss: number; accuracy: number } {
  const sum = scores.reduce(
    (all, score) => ({
      log: all.log + score.logProbability,
      count: all.count + score.tokens,
      hits: all.hits + score.correct,
    }),
    { log: 0, count: 0, hits: 0 },
  );
  return { loss: -sum.log / sum.count, accuracy: sum.hits / sum.count };
}

/**
 * Supervised fine-tuning. With `packing`, an item is several sequences that together fill `maxLength`; each sees itself
 * only. The validation figure is the share of trained tokens that are the model's first choice.
 */
export function answers(model: LanguageModel, data: LanguageSplits<SequenceRow>, config: AnswerConfig): Learner {
  const alone = data.train.map((_, i) => [i]);
  const packed = config.packing
    ? packSequences(
        data.train.map(({ ids }) => ids.length),
        config.maxLength,
      )
    : alone;
  const items = packed.map((places) => places.map((i) => must(data.train[i], 'row')));
  return {
    weights: model,
    lengths: items.map(tokens),
    row: (item) => must(items[item]?.[0], 'item').row,
    prepare: (group, dropout) =>
      model.prepare(
        group.map((indices) => joinSequences(indices.flatMap((i) => must(items[i], 'item')))),
        nextTokenObjective,
        dropout,
      ),
    extras: nextTokenObjective.extras,
    validates: data.validation.length > 0,
    async validate(signal) {
      const { loss, accuracy } = summary(await model.score(data.validation, { signal }));
      return { loss, metricName: 'token accuracy', metricValue: accuracy };
    },
    better: (a, b) => isLower(a.loss, b.loss),
  };
}

/** Log-probabilities of pairs under the reference: chosen and rejected. */
type Reference = readonly [number, number];

async function* references(
  model: LanguageModel,
  pairs: readonly PreferenceRow[],
  signal: AbortSignal,
): AsyncGenerator<{ type: 'phase'; phase: 'reference'; done: number; total: number }, Reference[]> {
  const out: Reference[] = [];
  const PIECE = 16;
  for (let at = 0; at < pairs.length; at += PIECE) {
    yield { type: 'phase', phase: 'reference', done: at, total: pairs.length };
    const piece = pairs.slice(at, at + PIECE);
    const scores = await model.score(
      piece.flatMap(({ chosen, rejected }) => [chosen, rejected]),
      { base: true, signal },
    );
    piece.forEach((_, n) =>
      out.push([must(scores[2 * n], 'score').logProbability, must(scores[2 * n + 1], 'score').logProbability]),
    );
  }
  yield { type: 'phase', phase: 'reference', done: pairs.length, total: pairs.length };
  return out;
}

function pairBatch(
  pairs: readonly PreferenceRow[],
  reference: readonly Reference[],
  items: readonly number[],
): PreferenceBatch {
  const rows = items.map((i) => must(pairs[i], 'pair'));
  const known = items.map((i) => must(reference[i], 'reference'));
  return {
    ...joinSequences([...rows.map(({ chosen }) => chosen), ...rows.map(({ rejected }) => rejected)]),
    reference: Float32Array.from([...known.map(([chosen]) => chosen), ...known.map(([, rejected]) => rejected)]),
  };
}

/**
 * Direct preference optimization. What the model said before training is the reference, computed once; the validation
 * figure is the share of pairs whose preferred answer has the higher reward.
 */
export async function* preferences(
  model: LanguageModel,
  data: LanguageSplits<PreferenceRow>,
  config: PreferenceConfig,
  signal: AbortSignal,
): Made {
  const reference = yield* references(model, [...data.train, ...data.validation], signal);
  const held = reference.slice(data.train.length);
  const { beta, labelSmoothing } = config;
  const objective = dpoObjective(config);
  return {
    weights: model,
    lengths: data.train.map(({ chosen, rejected }) => tokens([chosen, rejected])),
    row: (item) => must(data.train[item], 'pair').row,
    prepare: (group, dropout) =>
      model.prepare(
        group.map((items) => pairBatch(data.train, reference, items)),
        objective,
        dropout,
      ),
    extras: objective.extras,
    validates: data.validation.length > 0,
    async validate(signal) {
      const scores = await model.score(
        data.validation.flatMap(({ chosen, rejected }) => [chosen, rejected]),
        { signal },
      );
      const reward = (n: number, side: 0 | 1): number =>
        beta * (must(scores[2 * n + side], 'score').logProbability - must(held[n], 'reference')[side]);
      const margins = data.validation.map((_, n) => reward(n, 0) - reward(n, 1));
      const loss =
        margins.reduce(
          (sum, margin) => sum + (1 - labelSmoothing) * softplus(-margin) + labelSmoothing * softplus(margin),
          0,
        ) / margins.length;
      const { accuracies } = meanRewards([
        Float32Array.from([...margins.map((_, n) => reward(n, 0)), ...margins.map((_, n) => reward(n, 1))]),
      ]);
      return { loss, metricName: 'reward accuracy', metricValue: accuracies };
    },
    better: (a, b) => isLower(a.loss, b.loss),
  };
}

/** log(1 + exp(x)) without overflow. */
const softplus = (x: number): number => Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)));
