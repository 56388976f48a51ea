/** The run that Evaluate, Try it and Export speak about: its record, its models (built when needed), its held-out rows. */
import { TabtuneError } from '../base/errors';
import type { RunSummary } from '../domain/run';
import type { Example } from '../domain/task';
import { buildModel } from '../engine/build-model';
import type { BuildOptions, EncodedExample, FineTuneModel } from '../engine/types';
import { readSafetensors } from '../formats/safetensors';
import type { HeldOut } from './encode-rows';
import { encodeRows, heldOutOf } from './encode-rows';
import type { Context } from './server';
import type { LoadedModel, Session } from './session';

/** Rows given to the engine in one turn, so that others get theirs in between. */
const ROWS_A_TURN = 128;

export class CurrentRun {
  summary: RunSummary;
  readonly model: LoadedModel;
  readonly replay: Example[];
  /** Logits of the test rows by the fine-tuned model, once computed. */
  testLogits: Float32Array[] | null = null;
  private heldOut: HeldOut | null;
  /** Reads the trained parameters back (from storage, or memory when storage refused). */
  private readonly weights: () => Promise<Uint8Array>;
  private tunedModel: FineTuneModel | null;
  private beforeModel: FineTuneModel | null = null;
  private retired = false;

  constructor(parts: {
    summary: RunSummary;
    model: LoadedModel;
    replay: Example[];
    weights: () => Promise<Uint8Array>;
    heldOut?: HeldOut;
    tuned?: FineTuneModel;
  }) {
    this.summary = parts.summary;
    this.model = parts.model;
    this.replay = parts.replay;
    this.weights = parts.weights;
    this.heldOut = parts.heldOut ?? null;
    this.tunedModel = parts.tuned ?? null;
  }

  /** The fine-tuned model. Call inside a turn of the engine. */
  async tuned(): Promise<FineTuneModel> {
    this.refuseWhenRetired();
    if (this.tunedModel) return this.tunedModel;
    const file = `${this.summary.name}.safetensors`;
    const { tensors } = readSafetensors(await this.weights(), file);
    const model = await buildModel(buildOptions(this.model, this.summary));
    try {
      model.restore(tensors);
    } catch (thrown) {
      model.dispose();
      throw thrown;
    }
    return (this.tunedModel = model);
  }

  /** The model as it was before the first step: same checkpoint, same seed. Call inside a turn of the engine. */
  async before(): Promise<FineTuneModel> {
    this.refuseWhenRetired();
    return (this.beforeModel ??= await buildModel(buildOptions(this.model, this.summary)));
  }

  /** Frees both models; they are rebuilt when needed. Call inside a turn of the engine. */
  release(): void {
    this.tunedModel?.dispose();
    this.beforeModel?.dispose();
    this.tunedModel = null;
    this.beforeModel = null;
  }

  /** Frees both models for good: requests that still wait for this run are told that another one has taken its place. */
  retire(): void {
    this.release();
    this.retired = true;
  }

  /** The test rows of the run's own split: as they were encoded for training, or read again from the open data set. */
  async rows(session: Session, context: Context): Promise<HeldOut> {
    if (this.heldOut) return this.heldOut;
    const { dataset } = session;
    const { summary } = this;
    if (dataset?.info.id !== summary.datasetId)
      throw new TabtuneError('bad-data', 'The data set of this run is not open.', { fix: `Open “${summary.datasetName}” and train again, if it has been deleted.` });
    const same = JSON.stringify([dataset.info.mapping, dataset.info.split]) === JSON.stringify([summary.mapping, summary.split]);
    if (!same)
      throw new TabtuneError('bad-data', 'The mapping or the split has changed since this run, so its test rows cannot be told apart.', {
        fix: 'Open the run again from the list of runs.',
      });
    const label = 'Reading the rows of this run';
    const data = await session.dataTurns.take(() =>
      encodeRows(dataset, this.model.tokenizer, summary.config.maxLength, context.signal, (done, total) =>
        context.progress({ label, done, total, unit: 'rows' }),
      ),
    );
    return (this.heldOut = heldOutOf(data));
  }

  private refuseWhenRetired(): void {
    if (this.retired) throw new TabtuneError('cancelled', 'Another run has taken the place of this one.');
  }
}

/** What the engine needs to build a run's model as it was before training. */
export function buildOptions(model: LoadedModel, run: Pick<RunSummary, 'task' | 'labels' | 'config'>): BuildOptions {
  const { config, tensors, adapter, denseHead } = model.checkpoint;
  const withHead = run.config.method === 'head' && denseHead ? new Map([...tensors, ...denseHead.map((tensor) => [tensor.name, tensor] as const)]) : tensors;
  return {
    config,
    tensors: withHead,
    task: run.task,
    labels: run.labels,
    training: run.config,
    ...(adapter && run.config.method === 'lora' ? { adapter: adapter.tensors } : {}),
  };
}

/** Logits of many rows, a few at a time so that other requests are answered in between. Throws `cancelled`. */
export async function predictRows(
  session: Session,
  model: () => Promise<FineTuneModel>,
  examples: readonly EncodedExample[],
  context: Context,
  label: string,
): Promise<Float32Array[]> {
  const logits: Float32Array[] = [];
  for (let from = 0; from < examples.length; from += ROWS_A_TURN) {
    context.progress({ label, done: from, total: examples.length, unit: 'rows' });
    const piece = examples.slice(from, from + ROWS_A_TURN);
    logits.push(...(await session.engineTurns.take(async () => (await model()).predict(piece, { signal: context.signal }))));
  }
  context.progress({ label, done: examples.length, total: examples.length, unit: 'rows' });
  return logits;
}
