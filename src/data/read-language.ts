/** Reads the cells of a row as a conversation, a text or a pair of answers, or says why it cannot be used. */
import type { ChatMessage, LanguageContent } from '../domain/conversation';
import type { LanguageMapping, LanguageRole } from '../domain/dataset';
import { checkTurns, looksLikeMessages, readMessages } from './messages';
import type { RowTrouble } from './records';

export type LanguageOutcome = { ok: true; content: LanguageContent } | { ok: false; trouble: RowTrouble };

const unusable = (problem: RowTrouble['problem'], message: string): { ok: false; trouble: RowTrouble } => ({
  ok: false,
  trouble: { problem, message },
});

/** The cell of a role in a row, and the name of its column. */
type CellOf = (role: LanguageRole) => string;

/** Compiles a mapping into a function over the cells of a row. */
export function languageReader(
  mapping: LanguageMapping,
  columns: readonly string[],
): (cells: readonly string[]) => LanguageOutcome {
  const at = new Map(Object.entries(mapping.columns).map(([role, name]) => [role, columns.indexOf(name)]));
  const name: CellOf = (role) => mapping.columns[role] ?? role;
  return (cells) => {
    const cell: CellOf = (role) => cells[at.get(role) ?? -1] ?? '';
    switch (mapping.layout) {
      case 'messages':
        return readChat(cell, name);
      case 'prompt':
        return readPrompt(cell, name);
      case 'text':
        return cell('text').trim() === ''
          ? unusable('empty-text', `The text in "${name('text')}" is empty.`)
          : { ok: true, content: { kind: 'text', text: cell('text') } };
      case 'pair':
        return readPair(cell, name);
    }
  };
}

/** The turns with the system column's text before them, unless they begin with a system turn of their own. */
function withSystem(messages: ChatMessage[], system: string): ChatMessage[] {
  return system.trim() === '' || messages[0]?.role === 'system'
    ? messages
    : [{ role: 'system', content: system }, ...messages];
}

function readChat(cell: CellOf, name: CellOf): LanguageOutcome {
  if (cell('messages').trim() === '') return unusable('bad-messages', `"${name('messages')}" is empty.`);
  const read = readMessages(cell('messages'), name('messages'));
  if (!read.ok) return read;
  const messages = withSystem(read.messages, cell('system'));
  const trouble = checkTurns(messages, 'assistant');
  return trouble ? { ok: false, trouble } : { ok: true, content: { kind: 'chat', messages } };
}

/** Question and answer; either may be a list of messages, as TRL's conversational prompt-completion rows are. */
function readPrompt(cell: CellOf, name: CellOf): LanguageOutcome {
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
function asMessages(cell: string, role: 'user' | 'assistant', name: string): ReturnType<typeof readMessages> {
  return looksLikeMessages(cell) ? readMessages(cell, name) : { ok: true, messages: [{ role, content: cell }] };
}

function readPair(cell: CellOf, name: CellOf): LanguageOutcome {
  for (const side of ['chosen', 'rejected'] as const)
    if (cell(side).trim() === '') return unusable('empty-answer', `The ${side} answer in "${name(side)}" is empty.`);
  const chosen = asMessages(cell('chosen'), 'assistant', name('chosen'));
  if (!chosen.ok) return chosen;
  const rejected = asMessages(cell('rejected'), 'assistant', name('rejected'));
  if (!rejected.ok) return rejected;
  const given =
    cell('prompt').trim() === ''
      ? { ok: true as const, messages: [] }
      : asMessages(cell('prompt'), 'user', name('prompt'));
  if (!given.ok) return given;
  return joinPair(given.messages, chosen.messages, rejected.messages, cell('system'));
}

const same = (a: ChatMessage | undefined, b: ChatMessage | undefined): boolean =>
  a?.role === b?.role && a?.content === b?.content;

/** The turns that both sides share are the prompt's; what is left has to be one answer each. */
function joinPair(
  prompt: ChatMessage[],
  chosen: ChatMessage[],
  rejected: ChatMessage[],
  system: string,
): LanguageOutcome {
  if (chosen.length === rejected.length && chosen.every((message, i) => same(message, rejected[i])))
    return unusable('equal-sides', 'The chosen and the rejected answer are the same: there is nothing to prefer.');
  let shared = 0;
  while (shared < Math.min(chosen.length, rejected.length) - 1 && same(chosen[shared], rejected[shared])) shared++;
  const [better, ...more] = chosen.slice(shared);
  const [worse, ...moreWorse] = rejected.slice(shared);
  if (
    !better ||
    !worse ||
    more.length > 0 ||
    moreWorse.length > 0 ||
    better.role !== 'assistant' ||
    worse.role !== 'assistant'
  )
    return unusable('bad-roles', 'The two sides differ in more than the assistant’s last answer.');
  if (better.content.trim() === '' || worse.content.trim() === '')
    return unusable('empty-answer', `The ${worse.content.trim() === '' ? 'rejected' : 'chosen'} answer is empty.`);
  const head = chosen.slice(0, shared);
  // Sides that are whole conversations repeat the prompt: it is taken from them then.
  const repeated = head.length >= prompt.length && prompt.every((message, i) => same(message, head[i]));
  const messages = withSystem(repeated ? head : [...prompt, ...head], system);
  if (messages.length === 0) return unusable('empty-prompt', 'There is no prompt that the two answers belong to.');
  const trouble = checkTurns(messages, 'user');
  return trouble
    ? { ok: false, trouble }
    : { ok: true, content: { kind: 'preference', prompt: messages, chosen: better.content, rejected: worse.content } };
}

/** The characters that the model will read of a row, for lengths and for the table's search. */
export function textOf(content: LanguageContent): string {
  if (content.kind === 'text') return content.text;
  const turns = content.kind === 'chat' ? content.messages : content.prompt;
  const texts = turns.map((message) => message.content);
  return (content.kind === 'chat' ? texts : [...texts, content.chosen, content.rejected]).join('\n');
}

/** What makes two rows repeats, and what makes them contradict each other: the same question with another answer. */
export function keyOf(content: LanguageContent): { text: string; label: string } {
  switch (content.kind) {
    case 'text':
      return { text: content.text, label: '' };
    case 'chat':
      return { text: JSON.stringify(content.messages.slice(0, -1)), label: content.messages.at(-1)?.content ?? '' };
    case 'preference':
      return { text: JSON.stringify(content), label: '' };
  }
}
