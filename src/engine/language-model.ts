/**
 * A decoder in training: forward pass, losses of answers and of preferences, and scores, over sequences without
 * padding.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { must } from '../base/assert';
import { throwIfCancelled } from '../base/errors';
import { nextTurn } from '../base/turn';
import type { WritingConfig } from '../domain/language-config';
import { embedding } from './kernels/embedding/op';
import { logitsOf, scoreTokens, tokenLogProbabilities, type OutputLayer } from './kernels/token-loss/op';
import type { KnownDecoder } from './models';
import { decode, type DecodeOptions, type SequenceBatch } from './models/decoder';
import { ForwardContext, type DropoutState } from './nn/context';
import type { LoraScaling } from './nn/linear';
import type { ParameterStore } from './nn/parameters';
import type { Objective } from './objectives/objective';
import {
  filled,
  joinSequences,
  labelledTokens,
  sequenceOf,
  shapeOf,
  type FilledBatch,
  type MarkedBatch,
  type MarkedSequence,
} from './sequences';
import { Passes } from './training/passes';
import type { PreparedStep } from './training/prepared-step';
import { TrainedWeights } from './trained-weights';

export { joinSequences, type MarkedBatch, type MarkedSequence, type PreferenceBatch } from './sequences';

/** What the model says of one sequence's labelled tokens. */
export interface SequenceScore {
  /** Σ of the log-probabilities. */
  logProbability: number;
  tokens: number;
  /** How many of them are the model's first choice. */
  correct: number;
}

export interface LanguageModelParts {
  spec: KnownDecoder;
  method: WritingConfig['method'];
  parameters: ParameterStore;
  lora: LoraScaling | null;
  /** Train with activation checkpointing. */
  recompute: boolean;
}

/** Tokens that are scored in one pass. */
const SCORED_AT_ONCE = 1024;

export class LanguageModel extends TrainedWeights {
  readonly method: WritingConfig['method'];
  readonly maxPositions: number;
  private readonly parts: LanguageModelParts;
  private readonly passes = new Passes(() => this.tensors());

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
  states(
    batch: SequenceBatch,
    dropout: DropoutState | null,
    { base = false, cache = null, recompute = false }: DecodeOptions & { base?: boolean } = {},
  ): tf.Tensor2D {
    const { spec, parameters, lora } = this.parts;
    return decode(new ForwardContext(parameters, dropout), spec, batch, base ? null : lora, { cache, recompute });
  }

  /** Logits [rows, vocabulary] of hidden states [rows, hidden]; rows should be few. */
  logitsOf(states: tf.Tensor2D): tf.Tensor2D {
    return logitsOf(states, this.output().weight);
  }

  private output(): OutputLayer {
    const { table, frozen } = this.parts.parameters.table(this.parts.spec.output);
    return { weight: table, frozen };
  }

  private sizeOf(batches: readonly FilledBatch[]): number {
    const { hiddenSize, layers, vocabularySize } = this.parts.spec;
    return Math.max(...batches.map(({ ids, rows }) => ids.length * hiddenSize * layers + rows.length * vocabularySize));
  }

  /** Log-probabilities of the labelled tokens [labelled rows], in order. */
  private logProbabilities(batch: FilledBatch, dropout: DropoutState | null): tf.Tensor1D {
    return tokenLogProbabilities(
      embedding(this.states(batch, dropout, { recompute: this.parts.recompute }), batch.rows, null),
      this.output(),
      batch.tokens,
    );
  }

  /**
   * One optimizer step; micro-batches are divided by what counts in all of them together, so that accumulated steps
   * equal the big batch's.
   * @param dropout.step counts micro-batches over the run
   */
  prepare<B extends MarkedBatch>(
    micro: readonly B[],
    objective: Objective<tf.Tensor1D, B & FilledBatch>,
    dropout: DropoutState | null,
  ): PreparedStep {
    const batches = micro.map((batch) => ({ ...batch, ...filled(batch) }));
    const data = {
      micro: batches,
      dropout,
      denominator: batches.reduce((sum, batch) => sum + objective.count(batch), 0),
    };
    return {
      shape: [...batches.map((batch) => objective.shape?.(batch) ?? ''), shapeOf(batches, dropout)].join('; '),
      size: this.sizeOf(batches),
      data,
      run: () => this.summed(data, (batch, state) => objective.cost(this.logProbabilities(batch, state), batch, data)),
    };
  }

  /**
   * Scores of sequences, in the order given.
   * @param options.base leaves the adapter out: what the model said before (LoRA only)
   */
  async score(
    sequences: readonly MarkedSequence[],
    options: { base?: boolean; signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {},
  ): Promise<SequenceScore[]> {
    const scores: SequenceScore[] = [];
    for (let from = 0; from < sequences.length;) {
      throwIfCancelled(options.signal);
      let to = from;
      for (
        let tokens = 0;
        to < sequences.length && (to === from || tokens + must(sequences[to], 'sequence').ids.length <= SCORED_AT_ONCE);
        to++
      )
        tokens += must(sequences[to], 'sequence').ids.length;
      scores.push(...(await this.scoreBatch(joinSequences(sequences.slice(from, to)), options.base ?? false)));
      from = to;
      options.onProgress?.(from, sequences.length);
      await nextTurn();
    }
    return scores;
  }

  override dispose(): void {
    this.passes.dispose();
    super.dispose();
  }

  private async scoreBatch(batch: MarkedBatch, base: boolean): Promise<SequenceScore[]> {
    const { rows, labels } = labelledTokens(batch);
    const scores = batch.lengths.map(() => ({ logProbability: 0, tokens: 0, correct: 0 }));
    if (rows.length === 0) return scores;
    const data = filled(batch);
    const [values, found] = await this.passes.values({
      shape: `scores ${base ? 'without' : 'with'} adapter: ${shapeOf([data], null)}`,
      size: this.sizeOf([data]),
      data,
      run: (given) => {
        const scored = scoreTokens(
          embedding(this.states(given, null, { base }), given.rows, null, true),
          this.output(),
          given.tokens,
        );
        return [scored.logProbabilities, scored.likeliest];
      },
    });
    const likeliest = new Int32Array(must(found, 'likeliest tokens').slice().buffer);
    sequenceOf(batch).forEach((sequence, n) => {
      const score = must(scores[sequence], 'sequence');
      score.logProbability += must(values?.[n], 'score');
      score.tokens++;
      if (likeliest[n] === labels[n]) score.correct++;
    });
    return scores;
  }
}
