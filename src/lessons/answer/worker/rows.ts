/**
 * Turns a data set's conversations into marked token ids, split by split, giving way to messages; and shows one row's
 * exact tokens.
 */
import type { Dataset } from '../../../data/dataset';
import type { LanguageExample } from '../../../domain/conversation';
import type { SplitName } from '../../../domain/task';
import { SPLITS } from '../../../domain/task';
import type { MarkedSequence } from '../../../engine/language-model';
import { spellOut } from '../../../text/chat-format';
import type { ChatRenderer, MarkedTokens } from '../../../text/chat-renderer';
import { LanguageRows, refuseWhenEmpty } from '../../../text/language-rows';
import type { LanguageRow, RowCounts } from '../../../text/language-rows';
import { Slices } from '../../../worker/link/server';
import type { ShownSequence } from '../shared/asked';
import type { WritingKind } from './kind';

/** Rows whose texts are kept for samples and for answers to compare with. */
const KEPT_EXAMPLES = 400;
/** Rows that an export is replayed on. */
const REPLAY_ROWS = 16;

export interface RenderedSplit {
  rows: LanguageRow[];
  counts: RowCounts;
  /** The first rows that were kept, with their texts. */
  examples: LanguageExample[];
}

/** Everything a run needs of its data, so that later changes of the data set do not touch it. */
export type LanguageData = Record<SplitName, RenderedSplit>;

/** Where rows are read from, and how. */
export interface Rendering {
  dataset: Dataset;
  read: ReturnType<WritingKind['reader']>;
  renderer: ChatRenderer;
  maxLength: number;
  signal: AbortSignal;
  onProgress: (done: number, total: number) => void;
}

/** The rows of a split in their order. */
export function* conversations(
  split: SplitName,
  { dataset, read }: Pick<Rendering, 'dataset' | 'read'>,
): Generator<LanguageExample> {
  for (const [row, cells] of dataset.cellsOf(split)) {
    const example = read(row, cells);
    if (example) yield example;
  }
}

/**
 * All rows of a split as the engine takes them. Throws `cancelled`, and `bad-tokenizer` when the chat template fails;
 * rows that the template refuses or of whose answer nothing is left are counted and left out.
 */
export async function renderSplit(split: SplitName, rendering: Rendering): Promise<RenderedSplit> {
  const { dataset, renderer, maxLength, signal, onProgress } = rendering;
  const taken = new LanguageRows(renderer, maxLength);
  const rows: LanguageRow[] = [];
  const examples: LanguageExample[] = [];
  const total = dataset.info.splitRows[split];
  const slices = new Slices(signal);
  for (const example of conversations(split, rendering)) {
    const rendered = taken.take(example);
    rows.push(...rendered);
    if (rendered.length > 0 && examples.length < KEPT_EXAMPLES) examples.push(example);
    if (!slices.over) continue;
    onProgress(taken.counts.rows, total);
    await slices.rest();
  }
  onProgress(taken.counts.rows, total);
  return { rows, counts: taken.counts, examples };
}

/** Renders all three splits. Throws `cancelled`, and `bad-data` when nothing would be trained on. */
export async function renderRows(rendering: Rendering): Promise<LanguageData> {
  const { splitRows } = rendering.dataset.info;
  const total = SPLITS.reduce((sum, split) => sum + splitRows[split], 0);
  let before = 0;
  const render = async (split: SplitName): Promise<RenderedSplit> => {
    const onProgress = (done: number): void => rendering.onProgress(before + done, total);
    const rendered = await renderSplit(split, { ...rendering, onProgress });
    before += splitRows[split];
    return rendered;
  };
  const train = await render('train');
  refuseWhenEmpty(train.counts);
  return { train, validation: await render('validation'), test: await render('test') };
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

/** The exact tokens of a row, those that are trained on marked. Throws what rendering throws. */
export function showTokens(example: LanguageExample, renderer: ChatRenderer, maxLength: number): ShownSequence[] {
  const { tokenizer } = renderer.format;
  const show = (part: ShownSequence['part'], tokens: MarkedTokens): ShownSequence => ({
    part,
    tokens: spellOut(tokenizer, tokens),
    truncated: tokens.truncated,
  });
  const rendered = renderer.row(example, maxLength);
  if (rendered.kind === 'preference') return [show('chosen', rendered.chosen), show('rejected', rendered.rejected)];
  return rendered.sequences.map((tokens) => show('sequence', tokens));
}
