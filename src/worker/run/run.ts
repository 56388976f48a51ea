/**
 * The run that Evaluate, Try it and Export speak about: its record, its models, built when they are needed, and what
 * its lesson can do with them. Each lesson has one class of it.
 */
import { TabtuneError } from '../../base/errors';
import type { Dataset } from '../../data/dataset';
import { sameValue } from '../../base/same-value';
import type { RunSummary } from '../../domain/run';
import { readSafetensors } from '../../formats/safetensors';
import type { NamedTensor } from '../../formats/tensor';
import type { Call, Held, LoadedModel, Session } from '../session';
import type { OfferedExport, OutFile, Replaying } from './export';

/** The session with the run that it holds. */
export type RunSession = Session<RunInHand>;
/** A request about it. */
export type RunCall = Call<RunInHand>;

/** What is asked of a run's model here. */
export interface Restorable {
  restore(tensors: ReadonlyMap<string, NamedTensor>): void;
  dispose(): void;
}

/** What a run in hand is made of. Example: a row as it is kept with the run. */
export interface RunParts<Example, Model extends Restorable = Restorable> {
  summary: RunSummary;
  model: LoadedModel;
  /** Held-out rows that exports are replayed on. */
  replay: readonly Example[];
  /** Reads the trained parameters back (from storage, or memory when storage refused). */
  weights: () => Promise<Uint8Array>;
  /** The trained model, where it is on the device already. */
  tuned?: Model;
}

/** Answers what only runs of one lesson are asked; checks its parameters itself. */
export type Ask = (params: unknown, call: Call) => Promise<unknown>;

export abstract class RunInHand<Model extends Restorable = Restorable, Example = unknown> implements Held {
  summary: RunSummary;
  readonly model: LoadedModel;
  readonly replay: readonly Example[];
  private readonly weights: () => Promise<Uint8Array>;
  private tunedModel: Model | null;
  private beforeModel: Model | null = null;
  private retired = false;

  constructor(parts: RunParts<Example, Model>) {
    this.summary = parts.summary;
    this.model = parts.model;
    this.replay = parts.replay;
    this.weights = parts.weights;
    this.tunedModel = parts.tuned ?? null;
  }

  /** What this run can be taken away as, in the order in which it is offered. */
  abstract readonly exports: readonly OfferedExport[];
  /** How an export of it is proved. */
  abstract readonly replaying: Replaying;
  /** By the lesson's own names. */
  abstract readonly asks: Readonly<Record<string, Ask>>;
  /** The lesson's report on the test rows. Throws `bad-data` without test rows, `cancelled`. */
  abstract evaluate(call: Call): Promise<unknown>;
  /** The files of the trained model as the base of a later run; absent where a lesson has no such thing. */
  asBase?(call: Call): Promise<OutFile[]>;
  /** The model as it was before the first step: same checkpoint, same seed. */
  protected abstract build(): Promise<Model>;

  /** The fine-tuned model. Call inside a turn of the engine. */
  async tuned(): Promise<Model> {
    this.refuseWhenRetired();
    if (this.tunedModel) return this.tunedModel;
    const { tensors } = readSafetensors(await this.weights(), `${this.summary.name}.safetensors`);
    const model = await this.build();
    try {
      model.restore(tensors);
    } catch (thrown) {
      model.dispose();
      throw thrown;
    }
    return (this.tunedModel = model);
  }

  /** The model as it was before. Call inside a turn of the engine. */
  async before(): Promise<Model> {
    this.refuseWhenRetired();
    return (this.beforeModel ??= await this.build());
  }

  /** Frees both models; they are rebuilt when needed. Call inside a turn of the engine. */
  release(): void {
    this.tunedModel?.dispose();
    this.beforeModel?.dispose();
    this.tunedModel = null;
    this.beforeModel = null;
  }

  /**
   * Frees both models for good: requests that still wait for this run are told that another one has taken its place.
   */
  retire(): void {
    this.release();
    this.retired = true;
  }

  /** The open data set, if it is divided as it was for this run; throws `bad-data` else. */
  ownDataset({ dataset }: Session): Dataset {
    const { datasetId, datasetName, mapping, split } = this.summary;
    if (dataset?.info.id !== datasetId)
      throw new TabtuneError('bad-data', 'The data set of this run is not open.', {
        fix: `Open “${datasetName}” and train again, if it has been deleted.`,
      });
    if (!sameValue(dataset.info.mapping, mapping) || !sameValue(dataset.info.split, split))
      throw new TabtuneError(
        'bad-data',
        'The mapping or the split has changed since this run, so its test rows cannot be told apart.',
        { fix: 'Open the run again from the list of runs.' },
      );
    return dataset;
  }

  private refuseWhenRetired(): void {
    if (this.retired) throw new TabtuneError('cancelled', 'Another run has taken the place of this one.');
  }
}
