/** Columns of what a model that writes learns from, by what they hold; all lessons that teach writing share them. */
import * as z from 'zod/mini';
import { TabtuneError } from '../../../base/errors';
import type { Mapping } from '../../../domain/dataset';
import type { Words } from '../../contract';
import type { Repair } from './order';

/** What a column can hold. `input` is Alpaca's: put under the prompt. */
export const ROLES = [
  ...(['system', 'history', 'prompt', 'input', 'messages', 'text', 'answer', 'good', 'chosen', 'rejected'] as const),
];
export type Role = (typeof ROLES)[number];

/** Columns of a row, by what they hold. */
export type RoleColumns = Partial<Record<Role, string>>;
export const columnsSchema = z.partialRecord(z.enum(ROLES), z.string());

/** How a row holds what is learned: the columns that it needs, and those that it may have. */
export interface Layout {
  needs: readonly Role[];
  may: readonly Role[];
}

/** Of every lesson that teaches writing. */
export interface WritingMapping extends Mapping {
  readonly layout: string;
  readonly columns: RoleColumns;
  /** What is done to conversations whose turns are out of order. */
  readonly repair?: readonly Repair[] | undefined;
}

export const ROLE_NAMES: Record<Role, Words> = {
  messages: { name: 'Conversation', about: 'A list of turns, each with its role.' },
  system: { name: 'System prompt', about: 'What the assistant is told first.' },
  history: { name: 'Earlier turns', about: 'What was said before the question; it comes first.' },
  prompt: { name: 'Question', about: 'What the model is asked.' },
  input: { name: 'More of the question', about: 'Put below the question, as Alpaca does.' },
  answer: { name: 'Answer', about: 'What the model should write.' },
  good: { name: 'Good or bad', about: 'Says whether the answer is a good one: only those are learned.' },
  text: { name: 'Text', about: 'What the model learns to continue.' },
  chosen: { name: 'Better answer', about: 'What the model should rather say.' },
  rejected: { name: 'Worse answer', about: 'What it should rather not say.' },
};

/** Of the rows that lessons which teach writing leave out. */
export const PROBLEM_WORDS = {
  'empty-text': 'empty text',
  'empty-prompt': 'empty question',
  'empty-answer': 'empty answer',
  'bad-messages': 'unreadable messages',
  'bad-roles': 'unknown roles',
  'same-speaker': 'two turns of one speaker',
  'assistant-first': 'assistant begins',
  'user-last': 'no answer at the end',
  'system-inside': 'system turn in the middle',
  'tool-turns': 'calls of tools',
  'has-media': 'images, sounds or files',
  'not-learned': 'nothing to learn',
  'marked-bad': 'marked as bad',
  'bad-mark': 'neither good nor bad',
  'equal-sides': 'equal answers',
} as const;

const IN_WORDS: Record<Role, string> = {
  messages: 'the conversation',
  system: 'the system prompt',
  prompt: 'the question',
  history: 'the turns before it',
  input: 'what belongs to it',
  answer: 'the answer to learn',
  good: 'whether it is a good one',
  text: 'the text to learn to continue',
  chosen: 'the better answer',
  rejected: 'the worse answer',
};

/** "`q` as the question and `a` as the answer to learn", in the order of `ROLES`. */
export function inWords(columns: RoleColumns): string {
  const parts = ROLES.flatMap((role) =>
    columns[role] === undefined ? [] : [`\`${columns[role]}\` as ${IN_WORDS[role]}`],
  );
  return parts.length < 2
    ? parts.join('') || 'no column yet'
    : `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}

/** Throws `bad-config` for a column that rows laid out so do not have. */
export function checkRoles({ columns, layout }: WritingMapping, { needs, may }: Layout): void {
  const known = [...needs, ...may];
  const stray = ROLES.find((role) => columns[role] !== undefined && !known.includes(role));
  if (stray !== undefined)
    throw new TabtuneError('bad-config', `Rows laid out as "${layout}" do not fit a column for "${stray}".`, {
      fix: `Such rows have ${known.join(', ')}.`,
    });
}
