/**
 * What every run that Evaluate, Try it and Export speak about has: its record and its models, built when they are
 * needed.
 */
import { TabtuneError } from '../../base/errors';
import type { Dataset } from '../../data/dataset';
import type { RunSummary } from '../../domain/run';
import { readSafetensors } from '../../formats/safetensors';
import type { NamedTensor } from '../../formats/tensor';
import type { Session } from '../session';

/** What is asked of a run's model here. */
interface Restorable {
  restore(tensors: ReadonlyMap<string, NamedTensor>): void;
  dispose(): void;
}

export abstract class RunInHand<Model extends Restorable, Summary extends RunSummary> {
  summary: Summary;
  /** Reads the trained parameters back (from storage, or memory when storage refused). */
  private readonly weights: () => Promise<Uint8Array>;
  private tunedModel: Model | null;
  private beforeModel: Model | null = null;
  private retired = false;

  protected constructor(parts: { summary: Summary; weights: () => Promise<Uint8Array>; tuned?: Model }) {
    this.summary = parts.summary;
    this.weights = parts.weights;
    this.tunedModel = parts.tuned ?? null;
  }

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
    const { summary } = this;
    if (dataset?.info.id !== summary.datasetId)
      throw new TabtuneError('bad-data', 'The data set of this run is not open.', {
        fix: `Open “${summary.datasetName}” and train again, if it has been deleted.`,
      });
    const same =
      JSON.stringify([dataset.info.mapping, dataset.info.split]) === JSON.stringify([summary.mapping, summary.split]);
    if (!same)
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
