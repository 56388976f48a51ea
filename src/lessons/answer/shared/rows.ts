/** Reads the cells of a row as a conversation or a text, or says why it cannot be used. */
import { isObject } from '../../../base/json';
import type { MappingReading, RowOutcome, Table } from '../../../data/reading';
import type { RowTrouble } from '../../../data/records';
import type { ChatMessage, LanguageContent } from '../../../domain/conversation';
import type { DatasetInfo } from '../../../domain/dataset';
import { checkRoles, inWords } from './columns';
import type { Layout, PROBLEM_WORDS, Role, WritingMapping } from './columns';
import { health } from './health';
import { textOf as textIn } from './message';
import { cellValue, looksLikeMessages, readMessages } from './messages';
import type { Way } from './messages';
import { checkTurns, repaired } from './order';
import type { Repair } from './order';
import { LAYOUTS } from './schema';
import type { AnswerContent, AnswerExample, AnswerMapping } from './schema';

/** What is worth counting of a row beside its content: how it was read, and what was done to it. */
export type Remark = Way | Repair | 'history' | 'reasoning' | 'weight';

export type ContentOutcome<C extends LanguageContent> =
  { ok: true; content: C; remarks?: readonly Remark[] } | { ok: false; trouble: RowTrouble };

export const unusable = (problem: keyof typeof PROBLEM_WORDS, message: string): { ok: false; trouble: RowTrouble } => ({
  ok: false,
  trouble: { problem, message },
});

/** The cell of a role in a row, or the name of its column. */
export type CellOf = (role: Role) => string;

/** Reads the cells of a row by their roles; `name` gives the names of columns, for what is said of them. */
export type ContentReader<C extends LanguageContent> = (
  cell: CellOf,
  name: CellOf,
  repair: readonly Repair[],
) => ContentOutcome<C>;

/** Compiles a mapping into a function over the cells of a row. */
export function cellsReader<C extends LanguageContent>(
  mapping: WritingMapping,
  columns: readonly string[],
  read: ContentReader<C>,
): (cells: readonly string[]) => ContentOutcome<C> {
  const at = new Map(Object.entries(mapping.columns).map(([role, name]) => [role, columns.indexOf(name)]));
  const name: CellOf = (role) => mapping.columns[role] ?? role;
  return (cells) => read((role) => cells[at.get(role) ?? -1] ?? '', name, mapping.repair ?? []);
}

/** How the rows of a table, laid out so, are read by a lesson that teaches writing. */
export function writingReading(
  mapping: WritingMapping,
  table: Table,
  read: ContentReader<LanguageContent>,
  layout: Layout,
): MappingReading {
  checkRoles(mapping, layout);
  const used = Object.values(mapping.columns);
  const content = cellsReader(mapping, table.columns, read);
  return {
    columns: used,
    textColumns: used,
    inWords: inWords(mapping.columns),
    classes: { several: false, known: [] },
    numbers: false,
    read: (cells) => seen(content(cells)),
    health: (facts) => health(facts, mapping, layout),
  };
}

/** A row as those see it who do not know what is in it. */
function seen(outcome: ContentOutcome<LanguageContent>): RowOutcome {
  if (!outcome.ok) return outcome;
  const { content, remarks = [] } = outcome;
  const marks = [...new Set(remarks)].map((name) => ({ name, example: '' }));
  return { ok: true, row: { texts: [textOf(content)], repeat: keyOf(content), labels: [], target: NaN, marks } };
}

const READERS: Record<AnswerMapping['layout'], ContentReader<AnswerContent>> = {
  messages: readChat,
  prompt: readPrompt,
  text: (cell, name) =>
    cell('text').trim() === ''
      ? unusable('empty-text', `The text in "${name('text')}" is empty.`)
      : { ok: true, content: { kind: 'text', text: cell('text') } },
};

/** How the rows of a table are read. Throws `bad-config` for columns that do not fit the layout. */
export const reading = (mapping: AnswerMapping, table: Table): MappingReading =>
  writingReading(mapping, table, READERS[mapping.layout], LAYOUTS[mapping.layout]);

/** Reads rows of a data set as examples, `row` counted from 1; null for a row that cannot be used. */
export function exampleReader(
  mapping: AnswerMapping,
  info: Pick<DatasetInfo, 'columns'>,
): (row: number, cells: readonly string[]) => AnswerExample | null {
  const read = cellsReader(mapping, info.columns, READERS[mapping.layout]);
  return (row, cells) => {
    const outcome = read(cells);
    return outcome.ok ? { row, ...outcome.content } : null;
  };
}

/** The turns with the system column's text before them, unless they begin with a system turn of their own. */
export function withSystem(messages: ChatMessage[], system: string): ChatMessage[] {
  const text = textIn(cellValue(system)?.value ?? null) ?? system;
  return text.trim() === '' || messages[0]?.role === 'system'
    ? messages
    : [{ role: 'system', content: text }, ...messages];
}

/** Turns in the order that they have to have, or what is wrong with them. */
export function ordered(
  messages: readonly ChatMessage[],
  last: 'user' | 'assistant',
  repair: readonly Repair[],
): { ok: true; messages: ChatMessage[]; remarks: Remark[] } | { ok: false; trouble: RowTrouble } {
  const { messages: turns, done } = repaired(messages, repair, last);
  const trouble = checkTurns(turns, last);
  if (trouble) return { ok: false, trouble };
  const remarks: Remark[] = [...done];
  if (turns.some(({ reasoning }) => reasoning)) remarks.push('reasoning');
  if (turns.some(({ learned }) => learned === false)) remarks.push('weight');
  return { ok: true, messages: turns, remarks };
}

function readChat(cell: CellOf, name: CellOf, repair: readonly Repair[]): ContentOutcome<AnswerContent> {
  if (cell('messages').trim() === '') return unusable('bad-messages', `"${name('messages')}" is empty.`);
  const marked = markedBad(cell('good'), name('good'));
  if (marked) return marked;
  const read = readMessages(cell('messages'), name('messages'));
  if (!read.ok) return read;
  return chatOf(withSystem(read.messages, cell('system')), read.ways, repair);
}

function chatOf(
  messages: readonly ChatMessage[],
  remarks: readonly Remark[],
  repair: readonly Repair[],
): ContentOutcome<AnswerContent> {
  const found = ordered(messages, 'assistant', repair);
  if (!found.ok) return found;
  return { ok: true, content: { kind: 'chat', messages: found.messages }, remarks: [...remarks, ...found.remarks] };
}

/** Question and answer; either may be a list of messages, as TRL's conversational prompt-completion rows are. */
function readPrompt(cell: CellOf, name: CellOf, repair: readonly Repair[]): ContentOutcome<AnswerContent> {
  if (cell('prompt').trim() === '') return unusable('empty-prompt', `The prompt in "${name('prompt')}" is empty.`);
  if (cell('answer').trim() === '') return unusable('empty-answer', `The answer in "${name('answer')}" is empty.`);
  const marked = markedBad(cell('good'), name('good'));
  if (marked) return marked;
  const prompt = asMessages(cell('prompt'), 'user', name('prompt'));
  if (!prompt.ok) return prompt;
  const answer = asMessages(cell('answer'), 'assistant', name('answer'));
  if (!answer.ok) return answer;
  const earlier = earlierTurns(cell('history'), name('history'));
  if (!earlier.ok) return earlier;
  const input = cell('input').trim();
  const last = prompt.messages.at(-1);
  if (input !== '' && last) last.content = `${last.content}\n\n${input}`;
  const messages = withSystem([...earlier.messages, ...prompt.messages, ...answer.messages], cell('system'));
  const remarks: Remark[] = [...earlier.ways, ...prompt.ways, ...answer.ways];
  if (earlier.messages.length > 0) remarks.push('history');
  return chatOf(messages, remarks, repair);
}

/** The turns before the question: Alpaca's list of pairs, or a conversation; none in an empty list. */
function earlierTurns(cell: string, name: string): ReturnType<typeof readMessages> {
  const value = cellValue(cell)?.value;
  const none = cell.trim() === '' || value === null || /^(?:null|none|nan|\[\s*\])$/i.test(cell.trim());
  if (none) return { ok: true, messages: [], ways: [] };
  const read = readMessages(cell, name);
  return read.ok ? { ...read, ways: read.ways.filter((way) => way !== 'pairs') } : read;
}

/** Words for answers that are good, and for those that are not. */
const GOOD = /^(?:true|1|1\.0|yes|y|good|desirable|chosen|positive|accepted|thumbs_?up)$/i;
const BAD = /^(?:false|0|0\.0|-1|no|n|bad|undesirable|rejected|negative|thumbs_?down)$/i;

/** Whether a mark is one of a good or of a bad answer; null for anything else. */
export const isGood = (cell: string): boolean | null =>
  GOOD.test(cell.trim()) ? true : BAD.test(cell.trim()) ? false : null;

/** Why a row is not learned that is marked as bad, or whose mark says neither; null for a good one. */
function markedBad(cell: string, name: string): { ok: false; trouble: RowTrouble } | null {
  // Without such a column every answer is one to learn.
  if (cell === '' && name === 'good') return null;
  const good = isGood(cell);
  if (good === null)
    return unusable('bad-mark', `"${cell}" in "${name}" says neither good nor bad: true or false is expected.`);
  return good ? null : unusable('marked-bad', `The answer is marked as bad in "${name}": only good ones are learned.`);
}

/**
 * A cell as turns: a list of messages or a transcript as it is, any other text as one turn of `role`; of a list of
 * answers the first.
 */
export function asMessages(cell: string, role: 'user' | 'assistant', name: string): ReturnType<typeof readMessages> {
  if (looksLikeMessages(cell)) return readMessages(cell, name);
  const first = role === 'assistant' ? firstAnswer(cell, name) : null;
  return first === null
    ? { ok: true, messages: [{ role, content: cell }], ways: [] }
    : { ok: true, messages: [{ role, content: first }], ways: ['first-answer'] };
}

/** Of a column of `answers`, or a dict as SQuAD has, the first; other lists may be what is to be written. */
function firstAnswer(cell: string, name: string): string | null {
  const value = cellValue(cell)?.value;
  const squad = isObject(value) && value['answer_start'] !== undefined;
  if (!squad && !/^answers$/i.test(name)) return null;
  const list: unknown = isObject(value) ? value['text'] : value;
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) return null;
  return list[0] ?? null;
}

/** The characters that the model will read of a row. */
function textOf(content: LanguageContent): string {
  if (content.kind === 'text') return content.text;
  const turns = content.kind === 'chat' ? content.messages : content.prompt;
  const texts = turns.map((message) => message.content);
  return (content.kind === 'chat' ? texts : [...texts, content.chosen, content.rejected]).join('\n');
}

/** What makes two rows repeats, and what makes them contradict each other: the same question with another answer. */
function keyOf(content: LanguageContent): { text: string; label: string } {
  switch (content.kind) {
    case 'text':
      return { text: content.text, label: '' };
    case 'chat':
      return { text: JSON.stringify(content.messages.slice(0, -1)), label: content.messages.at(-1)?.content ?? '' };
    case 'preference':
      return { text: JSON.stringify(content), label: '' };
  }
}
