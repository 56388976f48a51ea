/** A run that gives labels: its record, its models (built when needed), its held-out rows. */
import { must } from '../../../base/assert';
import type { LabelRun, LabelRunStart } from '../../../domain/run';
import type { Example } from '../../../domain/task';
import { sortedBatches } from '../../../engine/training/batches';
import { buildModel } from '../../../engine/build-model';
import type { BuildOptions, EncodedExample, FineTuneModel } from '../../../engine/types';
import type { HeldOut } from './items';
import { encodeRows, heldOutOf } from './items';
import { RunInHand } from '../../../worker/run/run';
import type { Context } from '../../../worker/link/server';
import type { LoadedEncoder, Session } from '../../../worker/session';

/** Rows given to the engine in one turn, so that others get theirs in between. */
const ROWS_A_TURN = 128;

export class LabelRunInHand extends RunInHand<FineTuneModel, LabelRun> {
  readonly kind = 'label';
  readonly model: LoadedEncoder;
  readonly replay: Example[];
  /** Logits of the test rows by the fine-tuned model, once computed. */
  testLogits: Float32Array[] | null = null;
  private heldOut: HeldOut | null;

  constructor(parts: {
    summary: LabelRun;
    model: LoadedEncoder;
    replay: Example[];
    weights: () => Promise<Uint8Array>;
    heldOut?: HeldOut;
    tuned?: FineTuneModel;
  }) {
    super(parts);
    this.model = parts.model;
    this.replay = parts.replay;
    this.heldOut = parts.heldOut ?? null;
  }

  /** The test rows of the run's own split: as they were encoded for training, or read again from the open data set. */
  async rows(session: Session, context: Context): Promise<HeldOut> {
    if (this.heldOut) return this.heldOut;
    const dataset = this.ownDataset(session);
    const label = 'Reading the rows of this run';
    const data = await session.dataTurns.take(() =>
      encodeRows(dataset, this.model.tokenizer, this.summary.config.maxLength, context.signal, (done, total) =>
        context.progress({ label, done, total, unit: 'rows' }),
      ),
    );
    return (this.heldOut = heldOutOf(data));
  }

  protected build(): Promise<FineTuneModel> {
    return buildModel(buildOptions(this.model, this.summary));
  }
}

/** What the engine needs to build a run's model as it was before training. */
export function buildOptions(
  model: LoadedEncoder,
  run: Pick<LabelRunStart, 'task' | 'labels' | 'config'>,
): BuildOptions {
  const { config, tensors, adapter, denseHead } = model.checkpoint;
  const withHead =
    run.config.method === 'head' && denseHead
      ? new Map([...tensors, ...denseHead.map((tensor) => [tensor.name, tensor] as const)])
      : tensors;
  return {
    config,
    tensors: withHead,
    task: run.task,
    labels: run.labels,
    training: run.config,
    ...(adapter && run.config.method === 'lora' ? { adapter: adapter.tensors } : {}),
  };
}

/**
 * Logits of many rows, a few at a time so that other requests are answered in between, rows of like length together so
 * that little is spent on padding. Throws `cancelled`.
 */
export async function predictRows(
  session: Session,
  model: () => Promise<FineTuneModel>,
  examples: readonly EncodedExample[],
  context: Context,
  label: string,
): Promise<Float32Array[]> {
  const logits = new Array<Float32Array>(examples.length);
  let done = 0;
  for (const turn of sortedBatches(
    examples.map(({ ids }) => ids.length),
    ROWS_A_TURN,
  )) {
    context.progress({ label, done, total: examples.length, unit: 'rows' });
    const rows = turn.map((i) => must(examples[i], 'row'));
    const found = await session.engineTurns.take(async () => (await model()).predict(rows, { signal: context.signal }));
    turn.forEach((i, n) => (logits[i] = must(found[n], 'logits')));
    done += turn.length;
  }
  context.progress({ label, done: examples.length, total: examples.length, unit: 'rows' });
  return logits;
}
