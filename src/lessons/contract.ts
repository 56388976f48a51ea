/**
 * What a lesson is: one kind of thing that can be taught, in three faces. `shared` says how it reads rows, which
 * settings it has and what its records look like, on the page and in the worker alike; `worker` (lessons/<id>/worker)
 * teaches; `page` (lessons/<id>/page) shows. Types only.
 *
 * Outside of lessons/ nobody sees the inside of a mapping, of a lesson's own settings, of a report or of what is seen
 * while it learns: they are handed on as they came, and the lesson's own schema opens them.
 */
import type { z } from 'zod/mini';
import type { DatasetInfo, Mapping, RowProblem } from '../domain/dataset';
import type { ModelInfo } from '../domain/model';
import type { Method, TrainingConfig } from '../domain/training-config';
import type { FirstRows, MappingReading, Table } from '../data/reading';
import type { ConfigChanges, Defaults, DefaultsContext, Settings } from './settings';

/** A mapping, and how sure the lesson is that the table is meant for it: 0 (could be read so) to 1 (says so itself). */
export interface Guess<M extends Mapping = Mapping> {
  mapping: M;
  certainty: number;
}

/** A name, and a sentence about what it means. */
export interface Words {
  name: string;
  about: string;
}

/** How good a run is. */
export interface Headline {
  /** Under a step: "93.1 % accuracy on test rows", "Loss 3.78 before, 0.14 after". */
  text: string;
  /** What a list of runs adds, where no step says which rows these are: ", on test rows", or nothing. */
  rest: string;
}

/**
 * The parts of a lesson that page and worker share. M: its mapping, S: its settings, E: a row to learn from, R: its
 * report.
 */
export interface LessonShared<M extends Mapping, S extends TrainingConfig, E, R> {
  /** The choice on the Data step, e.g. "Labels". */
  words: Words;
  /** What is said of it elsewhere on the page. */
  lines: {
    /** Under Try it, when there is a run. */
    tryIt: string;
    /** Above the Try it step. */
    tryAbout: string;
    /** When a row of this lesson meets a model that cannot learn it: what is wrong, and the way out. */
    misfit(model: ModelInfo): { message: string; fix: string };
  };
  schemas: {
    mapping: z.ZodMiniType<M>;
    /** A row as it is kept with a run to prove exports; checked when a record is read. */
    example: z.ZodMiniType<E>;
    report: z.ZodMiniType<R>;
  };
  /** Its settings, common ones included: schema, bounds, defaults, reasons and controls. */
  settings: Settings<S, M>;

  /** The likeliest mapping of a table, or null when it cannot be read so. */
  guess(first: FirstRows): Guess<M> | null;
  /** A mapping to begin with when a person chooses this lesson; the person sees the columns named and changes them. */
  start(columns: readonly string[], split: string | null): M;
  /** Throws `bad-config` when the mapping does not fit the table. */
  reading(mapping: M, table: Table): MappingReading;
  /** Short words for each problem that its rows can have, e.g. 'empty-text' → "empty text". */
  problems: Readonly<Record<RowProblem, string>>;
  /** "120 examples, 7 labels", "64 rows of question and answer". */
  dataLine(info: DatasetInfo): string;

  /** Whether this model can learn it. */
  fits(model: ModelInfo): boolean;
  /** Ways to fine-tune, and the words for them where they differ from the usual ones. */
  methods(model: ModelInfo): readonly Method[];
  methodWords: Partial<Readonly<Record<Method, Words & { term: string }>>>;
  defaults(context: DefaultsContext<M>): Defaults<S>;
  /** Choices that do not apply to this model (layers of another architecture and the like) put right. */
  settle(config: S, defaults: S, model: ModelInfo): S;
  /**
   * Problems with the settings, a sentence each; empty when they can run. Bounds of the table are checked by the
   * caller.
   */
  check(config: S): string[];
  /**
   * What the settings foretell of a run before it starts (too few steps, a method that suits the rows badly):
   * sentences. `steps` is null until they are counted.
   */
  foretell(steps: number | null, config: S, mapping: M): string[];
  /** What the loss is counted in, where a person might take it for something else: a sentence. */
  aboutLoss?(mapping: M): string | null;
  /** Of a report with the run's mapping; `number` writes a figure that is no share. */
  headline(report: R, mapping: M, number: (value: number) => string): Headline;
  /** Whether a report can be one of a run with this mapping. */
  reportFits(report: R, mapping: M): boolean;
}

/**
 * A lesson as everybody else holds it: its functions take what they know nothing of, and check it with the lesson's own
 * schemas. Made by `defineLesson`. What does not pass its schema throws `bad-config`.
 */
export interface AnyLesson extends Omit<LessonShared<Mapping, TrainingConfig, unknown, unknown>, 'settings'> {
  id: string;
  settings: Settings;
  /** Checks settings: bounds first, then `check`. Sentences; empty when they can run. */
  problemsOf(config: TrainingConfig): string[];
  /** The defaults with a person's changes on top, settled for the model. */
  withChanges(context: DefaultsContext, changes: ConfigChanges): Defaults & { defaults: TrainingConfig };
  /** Opens a run's mapping. Throws `bad-config` when it is not this lesson's. */
  mapping(value: unknown): Mapping;
}
