/**
 * A run that writes: its models (built when needed), its held-out rows, and how it reads conversations; taught.ts has
 * what it can do.
 */
import { must } from '../../../base/assert';
import type { LanguageExample } from '../../../domain/conversation';
import type { TemplateChoice, WritingConfig } from '../../../domain/language-config';
import { buildLanguageModel } from '../../../engine/build-language-model';
import type { LanguageBuildOptions } from '../../../engine/build-language-model';
import type { LanguageModel, MarkedSequence, SequenceScore } from '../../../engine/language-model';
import { chatFormat } from '../../../text/chat-format';
import type { ChatSources } from '../../../text/chat-format';
import { ChatRenderer } from '../../../text/chat-renderer';
import { LanguageRows } from '../../../text/language-rows';
import { goingOn } from '../../../worker/model/begin';
import type { Figures } from '../../../worker/run/export';
import { consecutive, inPieces } from '../../../worker/run/pieces';
import type { RunParts } from '../../../worker/run/run';
import { RunInHand } from '../../../worker/run/run';
import type { Call, LoadedModel } from '../../../worker/session';
import type { Side, Sides, WritingKind, WritingStart, WritingSummary } from './kind';
import { writingStart, writingSummary } from './kind';
import type { RenderedSplit } from './rows';
import { renderSplit, scoredSequences } from './rows';

/** Sequences that are scored in one turn of the engine. */
const SCORED_A_TURN = 8;

export abstract class WritingRun extends RunInHand<LanguageModel, LanguageExample> {
  readonly kind: WritingKind;
  readonly start: WritingStart;
  readonly renderer: ChatRenderer;
  private held: RenderedSplit | null;

  constructor(kind: WritingKind, parts: RunParts<LanguageExample, LanguageModel> & { held?: RenderedSplit }) {
    super(parts);
    this.kind = kind;
    this.start = writingStart(kind, parts.summary);
    this.renderer = rendererFor(parts.model, this.start.config.template);
    this.held = parts.held ?? null;
  }

  /** Its record now. */
  get record(): WritingSummary {
    return writingSummary(this.kind, this.summary);
  }

  /** What the model's files say about conversations. */
  get chat(): ChatSources {
    return chatOf(this.model);
  }

  /**
   * A side's model; of LoRA runs both sides are one, with the adapter left out for the base. Call inside a turn of the
   * engine.
   */
  async side(which: Side): Promise<{ model: LanguageModel; base: boolean }> {
    const lora = this.start.config.method === 'lora';
    return {
      model: which === 'after' || lora ? await this.tuned() : await this.before(),
      base: which === 'before' && lora,
    };
  }

  /** The test rows of the run's own split: as they were rendered for training, or read again from the open data set. */
  async rows({ session, context }: Call): Promise<RenderedSplit> {
    if (this.held) return this.held;
    const dataset = this.ownDataset(session);
    const label = 'Reading the rows of this run';
    return (this.held = await session.dataTurns.take(() =>
      renderSplit('test', {
        dataset,
        read: this.kind.reader(this.start.mapping, dataset.info),
        renderer: this.renderer,
        maxLength: this.start.config.maxLength,
        signal: context.signal,
        onProgress: (done, total) => context.progress({ label, done, total, unit: 'rows' }),
      }),
    ));
  }

  /** The rows kept with it, as sequences that a row is scored by. */
  replayed(renderer: ChatRenderer = this.renderer): MarkedSequence[] {
    const taken = new LanguageRows(renderer, this.start.config.maxLength);
    return scoredSequences(this.replay.flatMap((example) => taken.take(example)));
  }

  protected build(): Promise<LanguageModel> {
    return Promise.resolve(buildLanguageModel(languageBuildOptions(this.model, this.start)));
  }
}

const chatOf = ({ writing }: LoadedModel): ChatSources => must(writing, 'what the model writes with').chat;

export const rendererFor = (model: LoadedModel, template: TemplateChoice): ChatRenderer =>
  new ChatRenderer(chatFormat(chatOf(model), template));

/** What the engine needs to build a run's model as it was before training. */
export function languageBuildOptions(
  model: LoadedModel,
  { config: training }: { config: WritingConfig },
): LanguageBuildOptions {
  const { config, tensors } = model.checkpoint;
  return { config, tensors, training, ...goingOn(model) };
}

/** Scores of sequences, a few at a time. Throws `cancelled`. @param side is asked for inside a turn of the engine */
export function scoreSequences(
  call: Call,
  side: () => ReturnType<Sides['side']>,
  sequences: readonly MarkedSequence[],
  label: string,
): Promise<SequenceScore[]> {
  return inPieces(call, label, consecutive(sequences.length, SCORED_A_TURN), async (piece) => {
    const { model, base } = await side();
    const some = piece.map((i) => must(sequences[i], 'sequence'));
    return model.score(some, { base, signal: call.context.signal });
  });
}

/** Mean log-probability of each sequence's tokens. */
export const means = (scores: readonly SequenceScore[]): Figures =>
  scores.map(({ logProbability, tokens }) => [logProbability / tokens]);
