/**
 * Tokenizers of all kinds of parts against the Rust library's own build (differential.py): equal, or refused by name.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { must } from '../base/assert';
import { TabtuneError } from '../base/errors';
import { loadTokenizer, tokenizersReady } from './tokenizer';
import type { TextTokenizer } from './tokenizer';

await tokenizersReady();

/** Ids with special tokens, Σ place × token type, ids of the text alone, and differences of their starts and ends. */
type Row = [whole: number[], types: number, bare: number[], starts: number[], ends: number[]];
interface Case {
  json: object;
  /** The error when the library does not open it; null for a text that it does not take. */
  results: string | (Row | null)[];
}

const { texts, cases } = JSON.parse(
  gunzipSync(readFileSync(new URL('differential.json.gz', import.meta.url))).toString(),
) as { texts: string[]; cases: Case[] };

/** Tokenizers whose parts are not supported; each names its part. */
const REFUSED = 0;

const summed = (deltas: readonly number[]): number[] => {
  let at = 0;
  return deltas.map((delta) => (at += delta));
};

/** Where each code point of a text, and its end, is in UTF-16. */
function placesOf(text: string): number[] {
  const places = [0];
  for (const character of text) places.push(must(places.at(-1)) + character.length);
  return places;
}

function rowOf(tokenizer: TextTokenizer, at: number): unknown {
  const text = must(texts[at]);
  const pair = at % 4 === 0 ? must(texts[(at * 7 + 3) % texts.length]) : null;
  const whole = tokenizer.encode(text, pair, 1e6);
  const { ids, starts, ends } = tokenizer.locate(text);
  const types = whole.typeIds.reduce((sum, type, i) => sum + i * type, 0);
  return {
    whole: [...whole.ids],
    types,
    bare: tokenizer.bare(text),
    ids: [...ids],
    starts: [...starts],
    ends: [...ends],
  };
}

function expectedOf([whole, types, bare, starts, ends]: Row, text: string): unknown {
  const places = placesOf(text);
  const inUtf16 = (deltas: readonly number[]) =>
    summed(deltas).map((at) => must(places[Math.min(at, places.length - 1)]));
  return { whole, types, bare, ids: bare, starts: inUtf16(starts), ends: inUtf16(ends) };
}

/** A typed refusal of a tokenizer or a text, or what it gives. */
function outcome<T>(work: () => T): T | 'refused' {
  try {
    return work();
  } catch (error) {
    if (error instanceof TabtuneError && error.code === 'bad-tokenizer') return 'refused';
    throw error;
  }
}

it('200 tokenizers × 40 texts are equal', () => {
  const tally = { equal: 0, refused: 0, unequal: [] as string[] };
  for (const [number, { json, results }] of cases.entries()) {
    const file = new TextEncoder().encode(JSON.stringify(json));
    const opened = outcome(() => loadTokenizer(new Map([['tokenizer.json', file]]), { type_vocab_size: 2 }));
    if (opened === 'refused') {
      if (typeof results !== 'string') tally.refused++;
      continue;
    }
    for (const [at, text] of texts.entries()) {
      const row = typeof results === 'string' ? null : must(results)[at];
      const got = outcome(() => rowOf(opened, at));
      const wanted = row ? expectedOf(row, text) : 'refused';
      if (JSON.stringify(got) === JSON.stringify(wanted)) tally.equal++;
      else if (got === 'refused') tally.refused++;
      else tally.unequal.push(`${number}: ${JSON.stringify(text)}`);
    }
  }
  expect(tally).toEqual({ equal: cases.length * texts.length, refused: REFUSED, unequal: [] });
  expect([cases.length, texts.length]).toEqual([200, 40]);
});
