/** The page face of a lesson: what it shows in the frame of each step. Types only. */
import type { ComponentType } from 'react';
import type { DatasetInfo } from '../domain/dataset';
import type { RunSummary } from '../domain/run';
import type { TokenLengths } from '../worker/link/protocol';

export interface LessonPage {
  /** Data: what its columns mean, in words and as choices. */
  Mapping: ComponentType<{ info: DatasetInfo; busy: boolean }>;
  /** Data: how the model would read the rows, in a sentence. */
  LengthsNote: ComponentType<{ modelName: string; lengths: TokenLengths }>;
  /** Data, one row: what the model sees of it. */
  RowSeen: ComponentType<{ row: number }>;
  /** Train: what is seen while it learns, as the worker told it at a step. */
  Look: ComponentType<{ step: number; seen: unknown }>;
  /** Evaluate: the lesson's report on the test rows. */
  Report: ComponentType<{ run: RunSummary; report: unknown }>;
  /** Try it. */
  Try: ComponentType<{ run: RunSummary }>;
}
