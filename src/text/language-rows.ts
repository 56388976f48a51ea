/**
 * All rows of a split as token ids for a decoder, with what was cut, left out or refused on the way, and the refusal to
 * start without anything to train.
 */
import { TabtuneError } from '../base/errors';
import type { LanguageExample } from '../domain/conversation';
import { countTrained } from './chat-renderer';
import type { ChatRenderer, MarkedTokens } from './chat-renderer';

/** One row as the engine takes it; text rows may give several. */
export type LanguageRow =
  | { row: number; kind: 'sequence'; tokens: MarkedTokens }
  | { row: number; kind: 'preference'; chosen: MarkedTokens; rejected: MarkedTokens };

/** Why rows are left out although their cells are fine. */
export type LeftOut = 'refused' | 'answer-cut-off' | 'equal-after-cut';

/** What became of the rows. */
export interface RowCounts {
  rows: number;
  /** Rows of which at least one sequence can be trained on. */
  kept: number;
  sequences: number;
  tokens: number;
  trainedTokens: number;
  longest: number;
  /** Rows that were cut at the length limit, and of those kept. */
  truncated: number;
  leftOut: Record<LeftOut, number>;
  /** Rows whose reasoning the template does not write, so that it is not learned. */
  reasoningLost: number;
  /** The first rows that were left out, with the reason in a sentence. */
  examples: { row: number; message: string }[];
}

/** Rows that are named. */
const NAMED = 5;

/** Renders rows one by one and counts. */
export class LanguageRows {
  readonly counts: RowCounts = {
    rows: 0,
    kept: 0,
    sequences: 0,
    tokens: 0,
    trainedTokens: 0,
    longest: 0,
    truncated: 0,
    leftOut: { refused: 0, 'answer-cut-off': 0, 'equal-after-cut': 0 },
    reasoningLost: 0,
    examples: [],
  };

  constructor(
    private readonly renderer: ChatRenderer,
    private readonly maxLength: number,
  ) {}

  /**
   * The row's sequences; empty when there is nothing in it to train on or the template refuses it. Throws
   * `bad-tokenizer` when the template itself fails, since every row would.
   */
  take(example: LanguageExample): LanguageRow[] {
    const { counts } = this;
    counts.rows++;
    const { row } = example;
    try {
      const rendered = this.renderer.row(example, this.maxLength);
      const rows: LanguageRow[] =
        rendered.kind === 'preference'
          ? [{ row, ...rendered }]
          : rendered.sequences.map((tokens) => ({ row, kind: 'sequence', tokens }));
      const sides = rows.flatMap((each) => (each.kind === 'preference' ? [each.chosen, each.rejected] : [each.tokens]));
      if (sides.some((side) => side.truncated)) counts.truncated++;
      if (sides.some((side) => side.reasoningLost)) counts.reasoningLost++;
      return this.keep(rows, sides);
    } catch (thrown) {
      if (!(thrown instanceof TabtuneError) || thrown.code !== 'bad-data') throw thrown;
      return this.leave(row, 'refused', thrown.message);
    }
  }

  private keep(rows: LanguageRow[], sides: MarkedTokens[]): LanguageRow[] {
    const { counts } = this;
    const [first] = rows;
    if (first?.kind === 'preference') {
      if (sides.some((side) => countTrained(side) === 0)) return this.leaveUnanswered(first.row);
      if (first.chosen.ids.join() === first.rejected.ids.join())
        return this.leave(
          first.row,
          'equal-after-cut',
          `Within ${this.maxLength} tokens the two answers are the same.`,
        );
    }
    const kept = rows.filter((each) => each.kind === 'preference' || countTrained(each.tokens) > 0);
    if (first && kept.length === 0) return this.leaveUnanswered(first.row);
    counts.kept++;
    counts.sequences += kept.length;
    for (const side of sides) {
      counts.tokens += side.ids.length;
      counts.trainedTokens += countTrained(side);
      counts.longest = Math.max(counts.longest, side.ids.length);
    }
    return kept;
  }

  private leaveUnanswered(row: number): [] {
    return this.leave(
      row,
      'answer-cut-off',
      `The question alone takes ${this.maxLength} tokens or more: nothing of the answer is left.`,
    );
  }

  private leave(row: number, why: LeftOut, message: string): [] {
    this.counts.leftOut[why]++;
    if (this.counts.examples.length < NAMED) this.counts.examples.push({ row, message });
    return [];
  }
}

/** Throws `bad-data`, naming the first reason, when no row is left to train on. */
export function refuseWhenEmpty(counts: RowCounts): void {
  if (counts.kept > 0) return;
  const [first] = counts.examples;
  throw new TabtuneError(
    'bad-data',
    first
      ? `Nothing would be trained on. Row ${first.row}: ${first.message}`
      : 'Nothing would be trained on: there are no rows for training.',
    {
      ...(first ? { place: { row: first.row } } : {}),
      fix:
        counts.leftOut.refused > 0
          ? 'Choose another chat template, or change the rows.'
          : 'Choose a longer maximum length, or shorten the questions.',
    },
  );
}

const rowsOf = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'row' : 'rows'}`;

/** What was cut and left out, in sentences, the gravest first; empty when every row is whole. */
export function countsInWords({ truncated, leftOut, reasoningLost }: RowCounts, maxLength: number): string[] {
  const sentences: string[] = [];
  const { refused } = leftOut;
  const unanswered = leftOut['answer-cut-off'];
  const equal = leftOut['equal-after-cut'];
  const are = (count: number): string => (count === 1 ? 'is' : 'are');
  if (refused > 0)
    sentences.push(
      `${rowsOf(refused)} ${are(refused)} left out: the chat template refuses ${refused === 1 ? 'it' : 'them'}.`,
    );
  if (unanswered > 0)
    sentences.push(
      `${rowsOf(unanswered)} ${are(unanswered)} left out: nothing of the answer is left within ${maxLength} tokens.`,
    );
  if (equal > 0)
    sentences.push(`${rowsOf(equal)} ${are(equal)} left out: the two answers are the same within ${maxLength} tokens.`);
  if (reasoningLost > 0)
    sentences.push(
      `The chat template leaves the reasoning out of ${rowsOf(reasoningLost)}: only ` +
        `${reasoningLost === 1 ? 'its answer is' : 'their answers are'} learned.`,
    );
  const cut = truncated - unanswered - equal;
  if (cut > 0) sentences.push(`${rowsOf(cut)} ${are(cut)} longer than ${maxLength} tokens and cut there.`);
  return sentences;
}
