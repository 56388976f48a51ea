/**
 * Reads the turns of a conversation from a cell: OpenAI's messages, ShareGPT's conversations, Gemini's contents, pairs,
 * texts in turn, one message, transcripts, and what holds them, as JSON or as Python prints them.
 */
import { isList, isObject } from '../../../base/json';
import { pythonLiteral } from '../../../base/python-literal';
import type { RowTrouble } from '../../../data/records';
import type { ChatMessage } from '../../../domain/conversation';
import { isTurn, readTurn, ROLES, textOf } from './message';
import { transcriptTurns } from './transcripts';

/** How a cell was read where a person should know; counted over all rows. */
export type Way = 'python' | 'transcript' | 'alternating' | 'pairs' | 'first-answer';

export type MessagesOutcome =
  { ok: true; messages: ChatMessage[]; ways: readonly Way[] } | { ok: false; trouble: RowTrouble };

const bad = (problem: string, message: string): { ok: false; trouble: RowTrouble } => ({
  ok: false,
  trouble: { problem, message },
});

/** Keys under which objects keep their turns. */
const LISTS = 'messages conversations conversation contents dialog dialogue turns chat history'.split(' ');

/** A cell's value: JSON, or what Python prints. Undefined where it is neither. */
export function cellValue(cell: string): { value: unknown; python: boolean } | undefined {
  if (!/^\s*(?:[[{(]|array\()/.test(cell)) return undefined;
  try {
    return { value: JSON.parse(cell) as unknown, python: false };
  } catch {
    const value = pythonLiteral(cell);
    return value === undefined ? undefined : { value, python: true };
  }
}

/** The list of turns in a value: itself, what an object keeps under a known name, or a single turn. */
function listIn(value: unknown, depth = 0): unknown[] | null {
  if (isList(value)) return value;
  if (!isObject(value)) return null;
  if (isTurn(value)) return [value];
  for (const name of depth < 3 ? LISTS : []) {
    const inner = value[name] === undefined ? null : listIn(value[name], depth + 1);
    if (inner === null) continue;
    const system = textOf(value['systemInstruction'] ?? value['system_instruction'] ?? value['system'] ?? null);
    return system === null || isSystem(inner[0]) ? inner : [{ role: 'system', content: system }, ...inner];
  }
  return pairOf(value) ? [value] : null;
}

const isSystem = (item: unknown): boolean => isObject(item) && (item['role'] ?? item['from']) === 'system';

/** Question and answer of an object such as {"human": …, "assistant": …}, or of a list of two texts. */
function pairOf(item: unknown): [string, string] | null {
  if (isList(item)) {
    const [question, answer, ...more] = item;
    return typeof question === 'string' && typeof answer === 'string' && more.length === 0 ? [question, answer] : null;
  }
  if (!isObject(item) || isTurn(item)) return null;
  const by = (role: string): string | null => {
    const key = Object.keys(item).find((name) => name !== 'prompt_id' && ROLES.get(name.toLowerCase()) === role);
    return key !== undefined && typeof item[key] === 'string' ? item[key] : null;
  };
  const [question, answer] = [
    by('user') ?? (typeof item['input'] === 'string' ? item['input'] : null),
    by('assistant'),
  ];
  return question === null || answer === null ? null : [question, answer];
}

/** Whether a cell holds turns; cheap enough for every row of a sample. `texts`: also texts that stand in turn. */
export function looksLikeMessages(cell: string, texts = false): boolean {
  if (!/^\s*(?:[[{(]|array\()/.test(cell)) return looksLikeTranscript(cell);
  const list = listIn(cellValue(cell)?.value);
  if (list === null || list.length === 0) return false;
  if (list.every((item) => isTurn(item) || isReasoning(item)) || list.every((item) => isObject(item) && pairOf(item)))
    return true;
  return (
    texts && (list.length > 1 || isList(list[0])) && list.every((item) => typeof item === 'string' || pairOf(item))
  );
}

export const looksLikeTranscript = (cell: string): boolean =>
  /^\s*(?:###\s?)?(?:Human|User|System):/.test(cell) && transcriptTurns(cell) !== null;

/** An item of OpenAI's Responses that tells what was thought. */
const isReasoning = (item: unknown): item is Record<string, unknown> => isObject(item) && item['type'] === 'reasoning';

/** The turns in a cell; `name` is its column, for the messages about what is wrong. */
export function readMessages(cell: string, name: string): MessagesOutcome {
  const transcript = transcriptTurns(cell);
  if (transcript) return { ok: true, messages: transcript, ways: ['transcript'] };
  const found = cellValue(cell);
  const list = listIn(found?.value);
  if (!found || !list)
    return bad('bad-messages', `"${name}" holds no list of messages such as [{"role": "user", "content": "…"}].`);
  const read = readList(list, name);
  return read.ok && found.python ? { ...read, ways: [...read.ways, 'python'] } : read;
}

function readList(list: readonly unknown[], name: string): MessagesOutcome {
  const pairs = list.map(pairOf);
  if (list.length > 0 && pairs.every((pair) => pair !== null)) {
    const messages = pairs.flatMap(([question, answer]): ChatMessage[] => [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ]);
    return { ok: true, messages, ways: ['pairs'] };
  }
  if (list.length > 1 && list.every((item) => typeof item === 'string')) {
    const messages = list.map((content, at): ChatMessage => ({ role: at % 2 === 0 ? 'user' : 'assistant', content }));
    return { ok: true, messages, ways: ['alternating'] };
  }
  const messages: ChatMessage[] = [];
  let thought: string | null = null;
  for (const [at, item] of list.entries()) {
    if (!isObject(item))
      return bad('bad-messages', `Message ${at + 1} in "${name}" is no object with a role and a content.`);
    if (isReasoning(item)) {
      const { summary } = item;
      thought = textOf(isList(summary) ? summary.map(asText) : null) ?? thought;
      continue;
    }
    const read = readTurn(item, `Message ${at + 1} in "${name}"`);
    if (!read.ok) return read;
    const told = thought !== null && read.message.role === 'assistant' && read.message.reasoning === undefined;
    messages.push(told && thought !== null ? { ...read.message, reasoning: thought } : read.message);
    thought = null;
  }
  return { ok: true, messages, ways: [] };
}

/** A part of a summary, whatever its type is called. */
const asText = (part: unknown): unknown => (isObject(part) ? part['text'] : part);
