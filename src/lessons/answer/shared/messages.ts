/**
 * Reads the turns of a conversation from a cell: OpenAI's messages, ShareGPT's conversations, one message, and what
 * holds them.
 */
import { isObject } from '../../../base/json';
import type { RowTrouble } from '../../../data/records';
import type { ChatMessage, ChatRole } from '../../../domain/conversation';

export type MessagesOutcome = { ok: true; messages: ChatMessage[] } | { ok: false; trouble: RowTrouble };

const ROLES: ReadonlyMap<string, ChatRole> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['human', 'user'],
  ['prompter', 'user'],
  ['assistant', 'assistant'],
  ['gpt', 'assistant'],
  ['chatgpt', 'assistant'],
  ['bot', 'assistant'],
  ['model', 'assistant'],
]);

const bad = (problem: RowTrouble['problem'], message: string): { ok: false; trouble: RowTrouble } => ({
  ok: false,
  trouble: { problem, message },
});

/** Whether a cell looks like one message or a list of them; cheap enough for every row of a sample. */
export function looksLikeMessages(cell: string): boolean {
  const text = cell.trimStart();
  if (!/^[[{]\s*[{"]/.test(text) || !/"(role|from|messages|conversations)"/.test(text)) return false;
  const list = listOf(text);
  return list !== null && list.length > 0 && list.every((item) => isObject(item) && ('role' in item || 'from' in item));
}

/** The list that a cell holds: itself, the one in its `messages`, or a single message. Null when there is none. */
function listOf(text: string): unknown[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (isObject(value)) {
    const inner = value['messages'] ?? value['conversations'];
    value = Array.isArray(inner) ? inner : [value];
  }
  return Array.isArray(value) ? value : null;
}

/** The turns in a cell; `name` is its column, for the messages about what is wrong. */
export function readMessages(cell: string, name: string): MessagesOutcome {
  const list = listOf(cell);
  if (!list)
    return bad('bad-messages', `"${name}" holds no list of messages such as [{"role": "user", "content": "…"}].`);
  const messages: ChatMessage[] = [];
  for (const [at, item] of list.entries()) {
    if (!isObject(item))
      return bad('bad-messages', `Message ${at + 1} in "${name}" is no object with a role and a content.`);
    const said = item['role'] ?? item['from'];
    const role = typeof said === 'string' ? ROLES.get(said.trim().toLowerCase()) : undefined;
    if (!role)
      return bad(
        'bad-roles',
        `Message ${at + 1} in "${name}" has the role ${JSON.stringify(said ?? null)}: system, user (human) ` +
          'and assistant (gpt) are known.',
      );
    const content = contentOf(item['content'] ?? item['value']);
    if (content === null)
      return bad(
        'bad-messages',
        `Message ${at + 1} in "${name}" holds no text. Images, sounds and tool calls are not supported.`,
      );
    messages.push({ role, content });
  }
  return { ok: true, messages };
}

/** The text of a message: a string, or OpenAI's list of text parts. */
function contentOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return null;
  const parts = value.map((part: unknown) =>
    isObject(part) && part['type'] === 'text' && typeof part['text'] === 'string' ? part['text'] : null,
  );
  return parts.every((part) => part !== null) ? parts.join('') : null;
}

const NAMES: Record<ChatRole, string> = { system: 'the system', user: 'the user', assistant: 'the assistant' };

/**
 * What is wrong with the order or the content of turns, or null. `last` is who has to have the last word: the assistant
 * in a conversation to learn from, the user in the prompt of a preference.
 */
export function checkTurns(messages: readonly ChatMessage[], last: 'user' | 'assistant'): RowTrouble | null {
  const turns = messages[0]?.role === 'system' ? messages.slice(1) : messages;
  const offset = messages.length - turns.length;
  for (const [at, { role, content }] of turns.entries()) {
    const expected = at % 2 === 0 ? 'user' : 'assistant';
    if (role !== expected) {
      const where = at === 0 ? 'The conversation begins with' : `Message ${at + offset + 1} is`;
      return {
        problem: 'bad-roles',
        message: `${where} ${NAMES[role]}, where ${NAMES[expected]} should speak: user and assistant take turns.`,
      };
    }
    if (content.trim() === '') {
      const problem = role === 'user' ? 'empty-prompt' : 'empty-answer';
      return { problem, message: `Message ${at + offset + 1}, of ${NAMES[role]}, is empty.` };
    }
  }
  if (turns.at(-1)?.role === last) return null;
  if (turns.length === 0) return { problem: 'bad-messages', message: 'There is no turn of the user or the assistant.' };
  return {
    problem: 'bad-roles',
    message:
      last === 'assistant'
        ? 'The last turn is the user’s: there is no answer to learn from.'
        : 'The prompt ends with the assistant’s turn, not with the user’s.',
  };
}
