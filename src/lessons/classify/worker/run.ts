/** A run that gives labels: its models (built when needed) and its held-out rows; taught.ts has what it can do. */
import { must } from '../../../base/assert';
import { TabtuneError } from '../../../base/errors';
import type { Example } from '../../../domain/task';
import { sortedBatches } from '../../../engine/training/batches';
import { buildModel } from '../../../engine/build-model';
import type { BuildOptions, EncodedExample, FineTuneModel } from '../../../engine/types';
import type { TextTokenizer } from '../../../text/tokenizer';
import { goingOn } from '../../../worker/model/begin';
import { inPieces } from '../../../worker/run/pieces';
import type { RunParts } from '../../../worker/run/run';
import { RunInHand } from '../../../worker/run/run';
import type { Call, LoadedModel } from '../../../worker/session';
import type { HeldOut } from './rows';
import { encodeExample, encodeRows, heldOutOf } from './rows';
import type { LabelStart, LabelSummary } from './start';
import { labelStart, labelSummary } from './start';

/** Rows given to the engine in one turn. */
const ROWS_A_TURN = 128;

export abstract class LabelRun extends RunInHand<FineTuneModel, Example> {
  readonly start: LabelStart;
  /** Logits of the test rows by the fine-tuned model, once computed. */
  private logits: Float32Array[] | null = null;
  private heldOut: HeldOut | null;

  constructor(parts: RunParts<Example, FineTuneModel> & { heldOut?: HeldOut }) {
    super(parts);
    this.start = labelStart(parts.summary);
    this.heldOut = parts.heldOut ?? null;
  }

  /** Its record now. */
  get record(): LabelSummary {
    return labelSummary(this.summary);
  }

  /** The test rows of the run's own split: as they were encoded for training, or read again from the open data set. */
  async rows({ session, context }: Call): Promise<HeldOut> {
    if (this.heldOut) return this.heldOut;
    const dataset = this.ownDataset(session);
    const label = 'Reading the rows of this run';
    const data = await session.dataTurns.take(() =>
      encodeRows({
        dataset,
        mapping: this.start.mapping,
        tokenizer: this.model.tokenizer,
        maxLength: this.start.config.maxLength,
        signal: context.signal,
        onProgress: (done, total) => context.progress({ label, done, total, unit: 'rows' }),
      }),
    );
    return (this.heldOut = heldOutOf(data));
  }

  /** The test rows with the fine-tuned model's logits, computed once. Throws `bad-data` without test rows. */
  async testLogits(call: Call): Promise<{ data: HeldOut; logits: Float32Array[] }> {
    const data = await this.rows(call);
    if (data.test.length === 0)
      throw new TabtuneError('bad-data', 'There are no test rows to evaluate on.', {
        fix: 'Give the test split a share on the Data step and train again.',
      });
    this.logits ??= await predictRows(call, () => this.tuned(), data.test, 'Evaluating the fine-tuned model');
    return { data, logits: this.logits };
  }

  /** The rows kept with it as a tokenizer reads them. */
  encodedReplay(tokenizer: TextTokenizer): EncodedExample[] {
    return this.replay.map((example) => encodeExample(tokenizer, example, this.start.config.maxLength));
  }

  protected build(): Promise<FineTuneModel> {
    return buildModel(buildOptions(this.model, this.start));
  }
}

/** What the engine needs to build a run's model as it was before training. */
export function buildOptions(
  model: LoadedModel,
  { mapping, labels, config: training, targetScale }: Pick<LabelStart, 'mapping' | 'labels' | 'config' | 'targetScale'>,
): BuildOptions {
  const { config, tensors, denseHead } = model.checkpoint;
  const withHead =
    training.method === 'head' && denseHead
      ? new Map([...tensors, ...denseHead.map((tensor) => [tensor.name, tensor] as const)])
      : tensors;
  return { config, tensors: withHead, task: mapping.task, labels, targets: targetScale, training, ...goingOn(model) };
}

/**
 * Logits of many rows, a few at a time, rows of like length together so that little is spent on padding. Throws
 * `cancelled`.
 */
export function predictRows(
  call: Call,
  model: () => Promise<FineTuneModel>,
  examples: readonly EncodedExample[],
  label: string,
): Promise<Float32Array[]> {
  const lengths = examples.map(({ ids }) => ids.length);
  return inPieces(call, label, [...sortedBatches(lengths, ROWS_A_TURN)], async (piece) =>
    (await model()).predict(
      piece.map((i) => must(examples[i], 'row')),
      { signal: call.context.signal },
    ),
  );
}
