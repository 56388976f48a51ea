/** Reads the cells of a row as a conversation or a text, or says why it cannot be used. */
import type { MappingReading, RowOutcome, Table } from '../../../data/reading';
import type { RowTrouble } from '../../../data/records';
import type { ChatMessage, LanguageContent } from '../../../domain/conversation';
import type { DatasetInfo } from '../../../domain/dataset';
import { checkRoles, inWords } from './columns';
import type { Layout, PROBLEM_WORDS, Role, WritingMapping } from './columns';
import { health } from './health';
import { checkTurns, looksLikeMessages, readMessages } from './messages';
import { LAYOUTS } from './schema';
import type { AnswerContent, AnswerExample, AnswerMapping } from './schema';

export type ContentOutcome<C extends LanguageContent> = { ok: true; content: C } | { ok: false; trouble: RowTrouble };

export const unusable = (problem: keyof typeof PROBLEM_WORDS, message: string): { ok: false; trouble: RowTrouble } => ({
  ok: false,
  trouble: { problem, message },
});

/** The cell of a role in a row, or the name of its column. */
export type CellOf = (role: Role) => string;

/** Reads the cells of a row by their roles; `name` gives the names of columns, for what is said of them. */
export type ContentReader<C extends LanguageContent> = (cell: CellOf, name: CellOf) => ContentOutcome<C>;

/** Compiles a mapping into a function over the cells of a row. */
export function cellsReader<C extends LanguageContent>(
  mapping: WritingMapping,
  columns: readonly string[],
  read: ContentReader<C>,
): (cells: readonly string[]) => ContentOutcome<C> {
  const at = new Map(Object.entries(mapping.columns).map(([role, name]) => [role, columns.indexOf(name)]));
  const name: CellOf = (role) => mapping.columns[role] ?? role;
  return (cells) => read((role) => cells[at.get(role) ?? -1] ?? '', name);
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
    health: (facts) => health(facts, mapping.columns, layout),
  };
}

/** A row as those see it who do not know what is in it. */
function seen(outcome: ContentOutcome<LanguageContent>): RowOutcome {
  if (!outcome.ok) return outcome;
  const { content } = outcome;
  return { ok: true, row: { texts: [textOf(content)], repeat: keyOf(content), labels: [], target: NaN } };
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
  return system.trim() === '' || messages[0]?.role === 'system'
    ? messages
    : [{ role: 'system', content: system }, ...messages];
}

function readChat(cell: CellOf, name: CellOf): ContentOutcome<AnswerContent> {
  if (cell('messages').trim() === '') return unusable('bad-messages', `"${name('messages')}" is empty.`);
  const read = readMessages(cell('messages'), name('messages'));
  if (!read.ok) return read;
  const messages = withSystem(read.messages, cell('system'));
  const trouble = checkTurns(messages, 'assistant');
  return trouble ? { ok: false, trouble } : { ok: true, content: { kind: 'chat', messages } };
}

/** Question and answer; either may be a list of messages, as TRL's conversational prompt-completion rows are. */
function readPrompt(cell: CellOf, name: CellOf): ContentOutcome<AnswerContent> {
  if (cell('prompt').trim() === '') return unusable('empty-prompt', `The prompt in "${name('prompt')}" is empty.`);
  if (cell('answer').trim() === '') return unusable('empty-answer', `The answer in "${name('answer')}" is empty.`);
  const prompt = asMessages(cell('prompt'), 'user', name('prompt'));
  if (!prompt.ok) return prompt;
  const answer = asMessages(cell('answer'), 'assistant', name('answer'));
  if (!answer.ok) return answer;
  const input = cell('input').trim();
  const last = prompt.messages.at(-1);
  if (input !== '' && last) last.content = `${last.content}\n\n${input}`;
  const messages = withSystem([...prompt.messages, ...answer.messages], cell('system'));
  const trouble = checkTurns(messages, 'assistant');
  return trouble ? { ok: false, trouble } : { ok: true, content: { kind: 'chat', messages } };
}

/** A cell as turns: a list of messages as it is, any other text as one turn of `role`. */
export function asMessages(cell: string, role: 'user' | 'assistant', name: string): ReturnType<typeof readMessages> {
  return looksLikeMessages(cell) ? readMessages(cell, name) : { ok: true, messages: [{ role, content: cell }] };
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
