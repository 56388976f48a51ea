/** A run that writes: its record, its models (built when needed), its held-out rows, and how it reads conversations. */
import { must } from '../../../base/assert';
import { SPLITS } from '../../../domain/task';
import type { SplitName } from '../../../domain/task';
import type { LanguageExample } from '../../../domain/conversation';
import type { Dataset } from '../../../data/dataset';
import type { LanguageRun, LanguageRunStart } from '../../../domain/run';
import { buildLanguageModel } from '../../../engine/build-language-model';
import type { LanguageBuildOptions } from '../../../engine/build-language-model';
import type { LanguageModel, MarkedSequence } from '../../../engine/language-model';
import { chatFormat } from '../../../text/chat-format';
import { ChatRenderer } from '../../../text/chat-renderer';
import type { LanguageRow } from '../../../text/language-rows';
import { refuseWhenEmpty } from '../../../text/language-rows';
import { renderSplit } from './items';
import type { RenderedSplit } from './items';
import { RunInHand } from '../../../worker/run/run';
import type { Context } from '../../../worker/link/server';
import type { LoadedDecoder, Session } from '../../../worker/session';

/** Everything a run needs of its data, so that later changes of the data set do not touch it. */
export type LanguageData = Record<SplitName, RenderedSplit>;

/** Rows that an export is replayed on. */
const REPLAY_ROWS = 16;

/** Base model or fine-tuned one. */
export type Side = 'before' | 'after';

export class LanguageRunInHand extends RunInHand<LanguageModel, LanguageRun> {
  readonly kind = 'language';
  readonly model: LoadedDecoder;
  readonly replay: LanguageExample[];
  readonly renderer: ChatRenderer;
  private held: RenderedSplit | null;

  constructor(parts: {
    summary: LanguageRun;
    model: LoadedDecoder;
    replay: LanguageExample[];
    weights: () => Promise<Uint8Array>;
    held?: RenderedSplit;
    tuned?: LanguageModel;
  }) {
    super(parts);
    this.model = parts.model;
    this.replay = parts.replay;
    this.renderer = rendererFor(parts.model, parts.summary.config.template);
    this.held = parts.held ?? null;
  }

  /**
   * A side's model; of LoRA runs both sides are one, with the adapter left out for the base. Call inside a turn of the
   * engine.
   */
  async side(which: Side): Promise<{ model: LanguageModel; base: boolean }> {
    const lora = this.summary.config.method === 'lora';
    return {
      model: which === 'after' || lora ? await this.tuned() : await this.before(),
      base: which === 'before' && lora,
    };
  }

  /** The test rows of the run's own split: as they were rendered for training, or read again from the open data set. */
  async rows(session: Session, context: Context): Promise<RenderedSplit> {
    if (this.held) return this.held;
    const dataset = this.ownDataset(session);
    const { config } = this.summary;
    const label = 'Reading the rows of this run';
    return (this.held = await session.dataTurns.take(() =>
      renderSplit(dataset, 'test', this.renderer, config.maxLength, context.signal, (done, total) =>
        context.progress({ label, done, total, unit: 'rows' }),
      ),
    ));
  }

  protected build(): Promise<LanguageModel> {
    return Promise.resolve(buildLanguageModel(languageBuildOptions(this.model, this.summary)));
  }
}

export const rendererFor = ({ chat }: LoadedDecoder, template: LanguageRunStart['config']['template']): ChatRenderer =>
  new ChatRenderer(chatFormat(chat, template));

/** What the engine needs to build a run's model as it was before training. */
export function languageBuildOptions(
  { checkpoint: { config, tensors, adapter } }: LoadedDecoder,
  run: Pick<LanguageRunStart, 'config'>,
): LanguageBuildOptions {
  return {
    config,
    tensors,
    training: run.config,
    ...(adapter && run.config.method === 'lora' ? { adapter: adapter.tensors } : {}),
  };
}

/** Renders all three splits. Throws `cancelled`, and `bad-data` when nothing would be trained on. */
export async function renderRows(
  dataset: Dataset,
  renderer: ChatRenderer,
  maxLength: number,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<LanguageData> {
  const { splitRows } = dataset.info;
  const total = SPLITS.reduce((sum, split) => sum + splitRows[split], 0);
  const data: Partial<LanguageData> = {};
  let before = 0;
  for (const split of SPLITS) {
    data[split] = await renderSplit(dataset, split, renderer, maxLength, signal, (done) =>
      onProgress(before + done, total),
    );
    before += splitRows[split];
    if (split === 'train') refuseWhenEmpty(must(data.train, 'training rows').counts);
  }
  return data as LanguageData;
}

/** Held-out rows with their texts, of the last split that has any. */
export const replayOf = (data: LanguageData): LanguageExample[] =>
  (
    SPLITS.toReversed()
      .map((split) => data[split].examples)
      .find((examples) => examples.length > 0) ?? []
  ).slice(0, REPLAY_ROWS);

/** Sequences that a row is scored by; of a preference the better answer's. */
export const scoredSequences = (rows: readonly LanguageRow[]): MarkedSequence[] =>
  rows.map((row) => (row.kind === 'preference' ? row.chosen : row.tokens));
