/** What the lessons that teach writing differ in; all else they share. */
import type { LanguageExample } from '../../../domain/conversation';
import type { DatasetInfo, Mapping } from '../../../domain/dataset';
import type { WritingConfig } from '../../../domain/language-config';
import type { PreferenceRewards } from '../../../domain/language-metrics';
import type { RunOutcome, RunStart, RunSummary } from '../../../domain/run';
import type { TrainingConfig } from '../../../domain/training-config';
import type { LanguageModel, SequenceScore } from '../../../engine/language-model';
import type { Learner, Made } from '../../../engine/training/learner';
import type { LanguageRow } from '../../../text/language-rows';
import type { Setting } from '../../../worker/run/card';
import type { Call } from '../../../worker/session';
import type { WritingMapping } from '../shared/columns';
import type { LanguageEvaluation } from '../shared/schema';

/** Base model or fine-tuned one. */
export type Side = 'before' | 'after';

/** Both models of a run. */
export interface Sides {
  readonly start: WritingStart;
  /** Call inside a turn of the engine. */
  side(which: Side): Promise<{ model: LanguageModel; base: boolean }>;
}

export interface WritingKind {
  /** What recipe.json calls it, and train.py knows. */
  task: 'chat' | 'preference';
  /** On the model card: "taught answers by supervised fine-tuning". */
  taught: string;
  /** Throws for a mapping of another lesson. */
  mapping(value: Mapping): WritingMapping;
  /** Throws for settings of another lesson. */
  config(value: TrainingConfig): WritingConfig;
  /** Throws for a report of another lesson. */
  report(value: unknown): LanguageEvaluation;
  /** Throws for a kept row of another lesson. */
  example(value: unknown): LanguageExample;
  /** Reads rows of a data set, counted from 1; null for those that cannot be used. */
  reader(
    mapping: Mapping,
    info: Pick<DatasetInfo, 'columns'>,
  ): (row: number, cells: readonly string[]) => LanguageExample | null;
  /** Whether rows are texts to be continued, without turns. */
  isPlainText(mapping: Mapping): boolean;
  learner(
    model: LanguageModel,
    rows: { train: readonly LanguageRow[]; validation: readonly LanguageRow[] },
    config: TrainingConfig,
    signal: AbortSignal,
  ): Learner | Made;
  /** Settings of its own, for the model card. */
  ownSettings(config: TrainingConfig): { batch: string; more: Setting[] };
  /**
   * How the fine-tuned model judges test pairs, where such are taught.
   * @param scores of the sequences that the rows are scored by
   */
  rewards?(
    run: Sides,
    rows: readonly LanguageRow[],
    scores: Record<Side, SequenceScore[]>,
    call: Call,
  ): Promise<PreferenceRewards>;
}

/** A run that writes as its lesson knows it. */
export interface WritingStart extends RunStart {
  mapping: WritingMapping;
  config: WritingConfig;
}

export type WritingSummary = WritingStart & RunOutcome & { evaluation: LanguageEvaluation | null };

/** Throws when it is a start of another lesson. */
export const writingStart = (kind: WritingKind, start: RunStart): WritingStart => ({
  ...start,
  mapping: kind.mapping(start.mapping),
  config: kind.config(start.config),
});

/** As `writingStart`. */
export const writingSummary = (kind: WritingKind, run: RunSummary): WritingSummary => ({
  ...run,
  ...writingStart(kind, run),
  evaluation: run.evaluation === null ? null : kind.report(run.evaluation),
});
