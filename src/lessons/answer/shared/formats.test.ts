/** Conversations as pandas, datasets, numpy and JSON write them: conversations.py wrote the files and the turns. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isObject } from '../../../base/json';
import { pythonLiteral } from '../../../base/python-literal';
import type { ChatMessage, LanguageExample } from '../../../domain/conversation';
import { conversationsOf, open } from '../../../testing/data';

interface Case<R> {
  name: string;
  file: string;
  text: string;
  rows: R[];
}
interface Expected {
  chats: Case<ChatMessage[]>[];
  preferences: Case<{ prompt: ChatMessage[]; chosen: string; rejected: string }>[];
  literals: [string, unknown][];
}
const { chats, preferences, literals } = JSON.parse(
  gunzipSync(readFileSync(new URL('conversations.json.gz', import.meta.url))).toString('utf8'),
) as Expected;

async function read({ text, file }: { text: string; file: string }): Promise<LanguageExample[]> {
  const dataset = await open(text, file);
  return (['train', 'validation', 'test'] as const)
    .flatMap((split) => conversationsOf(dataset, split))
    .sort((a, b) => a.row - b.row);
}
const named = <T extends { name: string }>(cases: T[]) => cases.map((one) => [one.name, one] as const);

describe('conversations in many formats', () => {
  it.each(named(chats))('%s', async (_name, one) => {
    expect(await read(one)).toEqual(one.rows.map((messages, i) => ({ kind: 'chat', row: i + 1, messages })));
  });
});

describe('preferences in many formats', () => {
  it.each(named(preferences))('%s', async (_name, one) => {
    expect(await read(one)).toEqual(one.rows.map((row, i) => ({ kind: 'preference', row: i + 1, ...row })));
  });
});

/** As conversations.py writes values. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return { list: value.map(plain) };
  if (isObject(value)) return { dict: Object.entries(value).map(([key, item]) => [key, plain(item)]) };
  return { value };
}

/** What numpy and pandas write is read too, although `ast.literal_eval` refuses it. */
const MORE = ['[1 2]', '- 1', '0x1', "['a'\n 'b']"];

it.each(literals.filter(([text]) => !MORE.includes(text)))('reads %j as ast.literal_eval', (text, expected) => {
  const found = pythonLiteral(text);
  expect(found === undefined ? { error: true } : plain(found)).toEqual(expected);
});

it('takes no longer for what is nested or endless', () => {
  for (const text of [
    '{'.repeat(60_000),
    '['.repeat(60_000),
    `${'{'.repeat(60)}1${'}'.repeat(60)}`,
    `'${'a'.repeat(1e6)}`,
  ])
    pythonLiteral(text);
  expect(pythonLiteral(`${'['.repeat(60)}1${']'.repeat(60)}`)).toBeDefined();
  expect(pythonLiteral(`${'['.repeat(70)}1${']'.repeat(70)}`)).toBeUndefined();
});
