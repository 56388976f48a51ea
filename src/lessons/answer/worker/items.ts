/**
 * Turns a data set's conversations into marked token ids, split by split, giving way to messages; and shows one row's
 * exact tokens.
 */
import { TabtuneError } from '../../../base/errors';
import type { Dataset } from '../../../data/dataset';
import type { LanguageExample } from '../../../domain/conversation';
import type { SplitName } from '../../../domain/task';
import { spellOut } from '../../../text/chat-format';
import type { ChatRenderer, MarkedTokens } from '../../../text/chat-renderer';
import { LanguageRows } from '../../../text/language-rows';
import type { LanguageRow, RowCounts } from '../../../text/language-rows';
import type { ShownSequence } from '../../../worker/link/protocol';
import { Slices } from '../../../worker/link/server';

/** Rows whose texts are kept for samples and for answers to compare with. */
const KEPT_EXAMPLES = 400;

export interface RenderedSplit {
  rows: LanguageRow[];
  counts: RowCounts;
  /** The first rows that were kept, with their texts. */
  examples: LanguageExample[];
}

/**
 * All rows of a split as the engine takes them. Throws `cancelled`, and `bad-tokenizer` when the chat template fails;
 * rows that the template refuses or of whose answer nothing is left are counted and left out.
 */
export async function renderSplit(
  dataset: Dataset,
  split: SplitName,
  renderer: ChatRenderer,
  maxLength: number,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<RenderedSplit> {
  const taken = new LanguageRows(renderer, maxLength);
  const rows: LanguageRow[] = [];
  const examples: LanguageExample[] = [];
  const total = dataset.info.splitRows[split];
  const slices = new Slices(signal);
  for (const example of dataset.conversations(split)) {
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

/**
 * The exact tokens of a row, those that are trained on marked. Throws `bad-data` for a row that is left out, and what
 * rendering throws.
 */
export function showTokens(dataset: Dataset, renderer: ChatRenderer, row: number, maxLength: number): ShownSequence[] {
  const example = dataset.conversation(row);
  if (!example)
    throw new TabtuneError('bad-data', 'This row is left out, so the model never sees it.', { place: { row } });
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
