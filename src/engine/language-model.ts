/** A decoder in training: forward pass, losses of answers and of preferences, and scores, over sequences without padding. */
import * as tf from '@tensorflow/tfjs-core';
import { must } from '../base/assert';
import { throwIfCancelled } from '../base/errors';
import { nextTurn } from '../base/turn';
import type { LanguageConfig } from '../domain/language-config';
import type { PreferenceRewards } from '../domain/language-metrics';
import { fromGpu } from './backend/gpu-device';
import { IGNORE } from './kernels/cross-entropy/targets';
import { embedding } from './kernels/embedding/op';
import { linear } from './kernels/linear/op';
import { preferenceLoss } from './kernels/preference-loss/op';
import { scoreTokens, tokenLogProbabilities, type OutputLayer } from './kernels/token-loss/op';
import { decode, type DecodeOptions, type DecoderSpec, type SequenceBatch } from './models/decoder';
import { ForwardContext, type DropoutState } from './nn/context';
import type { LoraScaling } from './nn/linear';
import type { ParameterStore } from './nn/parameters';
import { TrainedWeights } from './trained-weights';

/** Sequences with the token that each row is to predict, or IGNORE. */
export interface MarkedBatch extends SequenceBatch {
  labels: Int32Array;
}

/** Token ids with 1 for each that the loss is taken on; the first is never predicted. */
export interface MarkedSequence {
  ids: Int32Array;
  trained: Uint8Array;
}

/** Lays sequences one after the other. */
export function joinSequences(sequences: readonly MarkedSequence[]): MarkedBatch {
  const lengths = sequences.map(({ ids }) => ids.length);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const ids = new Int32Array(total);
  const labels = new Int32Array(total).fill(IGNORE);
  let at = 0;
  for (const sequence of sequences) {
    ids.set(sequence.ids, at);
    for (let i = 1; i < sequence.ids.length; i++) if (sequence.trained[i]) labels[at + i - 1] = sequence.ids[i]!;
    at += sequence.ids.length;
  }
  return { ids, lengths, labels };
}

/** Pairs of a preference batch: the chosen sequences first, then the rejected ones in the same order. */
export interface PreferenceBatch extends MarkedBatch {
  /** Summed log-probabilities of each sequence under the reference, in the batch's order. */
  reference: Float32Array;
}

/** What the model says of one sequence's labelled tokens. */
export interface SequenceScore {
  /** Σ of the log-probabilities. */
  logProbability: number;
  tokens: number;
  /** How many of them are the model's first choice. */
  correct: number;
}

export interface LanguageModelParts {
  spec: DecoderSpec;
  method: LanguageConfig['method'];
  parameters: ParameterStore;
  lora: LoraScaling | null;
  /** Train with activation checkpointing. */
  recompute: boolean;
}

/** Tokens that are scored in one pass. */
const SCORED_AT_ONCE = 1024;

const labelledRows = (labels: Int32Array): Int32Array => Int32Array.from(labels.keys()).filter((i) => labels[i] !== IGNORE);

export class LanguageModel extends TrainedWeights {
  readonly method: LanguageConfig['method'];
  readonly maxPositions: number;
  private readonly parts: LanguageModelParts;

  constructor(parts: LanguageModelParts) {
    super(parts.parameters, parts.lora, parts.spec.fanInFanOut);
    this.parts = parts;
    this.method = parts.method;
    this.maxPositions = parts.spec.maxPositions;
  }

  get vocabularySize(): number {
    return this.parts.spec.vocabularySize;
  }

  /** Last hidden states [tokens, hidden]. `base` leaves the adapter out. */
  states(batch: SequenceBatch, dropout: DropoutState | null, { base = false, cache = null, recompute = false }: DecodeOptions & { base?: boolean } = {}): tf.Tensor2D {
    const { spec, parameters, lora } = this.parts;
    return decode(new ForwardContext(parameters, dropout), spec, batch, base ? null : lora, { cache, recompute });
  }

  /** Logits [rows, vocabulary] of hidden states [rows, hidden]; rows should be few. */
  logitsOf(states: tf.Tensor2D): tf.Tensor2D {
    return linear(states, this.output().weight, null, { frozen: true });
  }

  private output(): OutputLayer {
    const parameter = this.parts.parameters.get(this.parts.spec.output);
    return { weight: parameter.matrix, frozen: !parameter.trainable };
  }

  /** Log-probabilities of the labelled tokens [labelled rows], in order. */
  private logProbabilities(batch: MarkedBatch, dropout: DropoutState | null): tf.Tensor1D {
    const rows = labelledRows(batch.labels);
    const labels = rows.map((i) => must(batch.labels[i], 'label'));
    return tokenLogProbabilities(embedding(this.states(batch, dropout, { recompute: this.parts.recompute }), rows, null), this.output(), labels);
  }

  /**
   * Mean cross-entropy over the labelled tokens of all micro-batches together, and its gradients, so that accumulated steps equal the big
   * batch's, as transformers' Trainer computes it (`num_items_in_batch`).
   * @returns the loss, and a gradient for each of `trainedParameters()`, to be disposed by the caller
   */
  async lossAndGradients(micro: readonly MarkedBatch[], dropout: DropoutState | null): Promise<{ loss: number; gradients: tf.Tensor[] }> {
    const tokens = micro.reduce((sum, { labels }) => sum + labelledRows(labels).length, 0);
    return this.summed(micro, dropout, (batch, state) => tf.neg(tf.div(tf.sum(this.logProbabilities(batch, state)), tokens)));
  }

  /**
   * The sigmoid loss of DPO (Rafailov et al., arXiv:2305.18290) with label smoothing, a mean over the pairs of all micro-batches, and its gradients.
   * @returns also the rewards, as TRL reports them
   */
  async preferenceLossAndGradients(
    micro: readonly PreferenceBatch[],
    { beta, labelSmoothing }: { beta: number; labelSmoothing: number },
    dropout: DropoutState | null,
  ): Promise<{ loss: number; gradients: tf.Tensor[]; rewards: PreferenceRewards }> {
    const pairs = micro.reduce((sum, { lengths }) => sum + lengths.length / 2, 0);
    const rewards: tf.Tensor1D[] = [];
    try {
      const { loss, gradients } = await this.summed(micro, dropout, (batch, state) => {
        const sums: tf.Tensor1D = tf.reshape(tf.matMul(sequenceSums(batch), tf.expandDims(this.logProbabilities(batch, state), 1)), [batch.lengths.length]);
        const reward: tf.Tensor1D = tf.mul(tf.sub(sums, tf.tensor1d(batch.reference)), beta);
        rewards.push(tf.keep(tf.clone(reward)));
        return preferenceLoss(reward, labelSmoothing, pairs);
      });
      const values = await fromGpu(Promise.all(rewards.map((reward) => reward.data<'float32'>())));
      return { loss, gradients, rewards: meanRewards(values) };
    } finally {
      tf.dispose(rewards);
    }
  }

  /**
   * Scores of sequences, in the order given.
   * @param options.base leaves the adapter out: what the model said before (LoRA only)
   */
  async score(sequences: readonly MarkedSequence[], options: { base?: boolean; signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {}): Promise<SequenceScore[]> {
    const scores: SequenceScore[] = [];
    for (let from = 0; from < sequences.length; ) {
      throwIfCancelled(options.signal);
      let to = from;
      for (let tokens = 0; to < sequences.length && (to === from || tokens + must(sequences[to], 'sequence').ids.length <= SCORED_AT_ONCE); to++)
        tokens += must(sequences[to], 'sequence').ids.length;
      scores.push(...(await this.scoreBatch(joinSequences(sequences.slice(from, to)), options.base ?? false)));
      from = to;
      options.onProgress?.(from, sequences.length);
      await nextTurn();
    }
    return scores;
  }

  private async scoreBatch(batch: MarkedBatch, base: boolean): Promise<SequenceScore[]> {
    const rows = labelledRows(batch.labels);
    const labels = rows.map((i) => must(batch.labels[i], 'label'));
    const scores = batch.lengths.map(() => ({ logProbability: 0, tokens: 0, correct: 0 }));
    if (rows.length === 0) return scores;
    const scored = tf.tidy(() => scoreTokens(embedding(this.states(batch, null, { base }), rows, null, true), this.output(), labels));
    const read = Promise.all([scored.logProbabilities.data<'float32'>(), scored.likeliest.data<'int32'>()]);
    const [values, likeliest] = await fromGpu(read).finally(() => tf.dispose([scored.logProbabilities, scored.likeliest]));
    sequenceOf(batch).forEach((sequence, n) => {
      const score = must(scores[sequence], 'sequence');
      score.logProbability += must(values[n], 'score');
      score.tokens++;
      if (likeliest[n] === labels[n]) score.correct++;
    });
    return scores;
  }
}

/** Which sequence each labelled row belongs to. */
function sequenceOf({ lengths, labels }: MarkedBatch): Int32Array {
  const owner = Int32Array.from(lengths.flatMap((length, s) => new Array<number>(length).fill(s)));
  return labelledRows(labels).map((i) => must(owner[i], 'sequence'));
}

/** [sequences, labelled rows] with 1 where a row belongs to a sequence: multiplied with, it sums each sequence. */
function sequenceSums(batch: MarkedBatch): tf.Tensor2D {
  const owners = sequenceOf(batch);
  const matrix = new Float32Array(batch.lengths.length * owners.length);
  owners.forEach((sequence, n) => (matrix[sequence * owners.length + n] = 1));
  return tf.tensor2d(matrix, [batch.lengths.length, owners.length]);
}

/** Rewards of micro-batches, each with its chosen sequences first. */
export function meanRewards(batches: readonly Float32Array[]): PreferenceRewards {
  const sum = { chosen: 0, rejected: 0, margins: 0, accuracies: 0 };
  let pairs = 0;
  for (const rewards of batches)
    for (let n = 0, half = rewards.length / 2; n < half; n++, pairs++) {
      const [chosen, rejected] = [must(rewards[n], 'reward'), must(rewards[half + n], 'reward')];
      sum.chosen += chosen;
      sum.rejected += rejected;
      sum.margins += chosen - rejected;
      sum.accuracies += chosen > rejected ? 1 : 0;
    }
  return { chosen: sum.chosen / pairs, rejected: sum.rejected / pairs, margins: sum.margins / pairs, accuracies: sum.accuracies / pairs };
}
