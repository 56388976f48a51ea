/**
 * What a kind of run is to the loop that conducts it: a model with its rows, what is shown while it learns, and what is
 * left of it.
 */
import type { RunOutcome, RunSummary, TrainEvent } from '../../domain/run';
import type { Learner, Made } from '../../engine/training/learner';
import type { NamedTensor } from '../../formats/tensor';
import type { RunRecord } from '../../storage/records';
import type { LabelRunInHand } from '../../lessons/classify/worker/run';
import type { LanguageRunInHand } from '../../lessons/answer/worker/run';

export interface Lesson {
  readonly weights: { trained(): Promise<NamedTensor[]>; dispose(): void };
  /** Whether there is something to see before the first step that costs little. */
  readonly looksFirst: boolean;
  begin(signal: AbortSignal): Learner | Made;
  /** What the model says about a few fixed rows now. It takes its own turns of the engine. */
  look(step: number): Promise<TrainEvent>;
  finish(outcome: RunOutcome): FinishedLesson;
}

export interface FinishedLesson {
  summary: RunSummary;
  /** Rows that an export is replayed on. */
  replay: RunRecord['replay'];
  /** @param weights reads the trained parameters back */
  inHand(weights: () => Promise<Uint8Array>): LabelRunInHand | LanguageRunInHand;
}
