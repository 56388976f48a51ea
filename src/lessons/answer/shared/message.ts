/** One turn of a conversation, in the many ways in which files write it. */
import { isList, isObject } from '../../../base/json';
import type { RowTrouble } from '../../../data/records';
import type { ChatMessage, ChatRole } from '../../../domain/conversation';

export const ROLES: ReadonlyMap<string, ChatRole> = new Map(
  Object.entries<readonly string[]>({
    system: ['system', 'developer'],
    user: ['user', 'human', 'prompter', 'question', 'instruction', 'prompt', 'customer'],
    assistant: ['assistant', 'gpt', 'chatgpt', 'bot', 'chatbot', 'model', 'ai', 'answer', 'response', 'output'],
  }).flatMap(([role, names]) => names.map((name) => [name, role as ChatRole] as const)),
);
/** Those who are neither: what tools say, and calls of them. */
const TOOLS: ReadonlySet<string> = new Set(
  'tool function ipython observation function_call function_response tool_call tool_response tool_result'.split(' '),
);
const MEDIA = /image|audio|video|file|inline_?data/i;

export type TurnOutcome = { ok: true; message: ChatMessage } | { ok: false; trouble: RowTrouble };

const bad = (problem: string, message: string): { ok: false; trouble: RowTrouble } => ({
  ok: false,
  trouble: { problem, message },
});

/** Who speaks, as it is written; undefined where nothing says so. */
const speaker = (item: Readonly<Record<string, unknown>>): unknown =>
  item['role'] ?? item['from'] ?? ((item['content'] ?? item['text']) ? (item['speaker'] ?? item['author']) : undefined);

/** Whether an object is a turn. */
export const isTurn = (item: unknown): boolean => isObject(item) && speaker(item) !== undefined;

/** A turn; `where` names its place, such as `Message 2 in "messages"`. */
export function readTurn(item: Readonly<Record<string, unknown>>, where: string): TurnOutcome {
  const said = speaker(item);
  const name = typeof said === 'string' ? said.trim().toLowerCase() : '';
  const calls = [item['tool_calls'], item['function_call']].some(
    (call) => call !== null && call !== undefined && !(isList(call) && call.length === 0),
  );
  if (TOOLS.has(name) || calls)
    return bad('tool-turns', `${where} belongs to a tool: calls of tools and what they give back are not learned.`);
  const role = ROLES.get(name);
  if (!role)
    return bad(
      'bad-roles',
      `${where} has the role ${JSON.stringify(said ?? null)}: system, user (human) and assistant (gpt) are known.`,
    );
  const given = item['content'] ?? item['value'] ?? item['parts'] ?? item['text'] ?? item['message'];
  const content = textOf(given);
  if (content === null) {
    const media = mediaIn(given);
    if (media !== null) return bad('has-media', `${where} holds ${media}: only text can be learned.`);
    return bad('bad-messages', `${where} holds no text. Images, sounds and tool calls are not supported.`);
  }
  const reasoning = reasoningOf(item, given);
  const learned = learnedOf(item);
  if (learned === null) return bad('bad-messages', `${where} has a weight that is neither 0 nor 1.`);
  return {
    ok: true,
    message: {
      role,
      content,
      ...(reasoning === null || role !== 'assistant' ? {} : { reasoning }),
      ...(learned || role !== 'assistant' ? {} : { learned }),
    },
  };
}

/** The text of a string, of OpenAI's and Gemini's lists of parts, or of what holds them; null where there is none. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (isObject(value)) return textOf(value['text'] ?? value['parts'] ?? value['content'] ?? null);
  if (!isList(value) || value.length === 0) return null;
  const texts = value.filter((part: unknown) => !isThought(part)).map(partText);
  return texts.length > 0 && texts.every((text) => text !== null) ? texts.join('') : null;
}

function partText(part: unknown): string | null {
  if (typeof part === 'string') return part;
  if (!isObject(part)) return null;
  const { type = 'text', text } = part;
  return typeof text === 'string' && ['text', 'input_text', 'output_text'].includes(String(type)) ? text : null;
}

const isThought = (part: unknown): part is Record<string, unknown> =>
  isObject(part) && (part['thought'] === true || part['type'] === 'thinking' || part['type'] === 'reasoning');

/** What a list of parts holds beside text: "an image", by the name that the file gives it. */
function mediaIn(value: unknown): string | null {
  for (const part of isList(value) ? value : [value]) {
    if (!isObject(part)) continue;
    const { type } = part;
    const names = [...(typeof type === 'string' ? [type] : []), ...Object.keys(part)];
    const kind = names.find((name) => MEDIA.test(name));
    if (kind !== undefined) return /audio/i.test(kind) ? 'a sound' : /image/i.test(kind) ? 'an image' : 'a file';
  }
  return null;
}

/** What was thought before the answer, where it is kept apart: the first filled name counts, as in transformers. */
function reasoningOf(item: Readonly<Record<string, unknown>>, content: unknown): string | null {
  for (const name of ['reasoning_content', 'thinking', 'reasoning'] as const)
    if (typeof item[name] === 'string') return item[name];
  const thoughts = (isList(content) ? content : []).filter(isThought);
  const texts = thoughts.map((part) => part['text'] ?? part['thinking']).filter((text) => typeof text === 'string');
  return texts.length > 0 ? texts.join('') : null;
}

/** Whether a turn is learned: OpenAI's `weight`, others' `train`. Null for a weight in between. */
function learnedOf(item: Readonly<Record<string, unknown>>): boolean | null {
  if (item['train'] === false) return false;
  const weight = item['weight'] ?? 1;
  return weight === 0 || weight === false ? false : weight === 1 || weight === true ? true : null;
}
