/** Places of characters among tokens: equal to tokenizing the beginning, wherever the border is. */
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tinyTokenizer } from '../testing/text';
import { TokenPlaces, sharedStart } from './token-places';
import { loadTokenizer, tokenizersReady } from './tokenizer';
import type { TextTokenizer } from './tokenizer';

await tokenizersReady();

/** What `upTo` stands for, reckoned from the beginning. */
const slowly = (tokenizer: TextTokenizer, text: string, characters: number): number =>
  sharedStart(tokenizer.bare(text), tokenizer.bare(text.slice(0, characters)));

function holds(tokenizer: TextTokenizer): void {
  const piece = fc.constantFrom(
    'Hello',
    ' ',
    'He',
    'll',
    'o',
    '<|im_start|>',
    '<|im_end|>',
    '</s>',
    '<s>',
    '\n',
    'a b',
    '.',
    '<',
    '|',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), fc.nat(), (pieces, at) => {
      const text = pieces.join('');
      const characters = at % (text.length + 1);
      expect(new TokenPlaces(tokenizer, text).upTo(characters)).toBe(slowly(tokenizer, text, characters));
    }),
    { numRuns: 400 },
  );
}

it('a byte-level tokenizer', () => holds(tinyTokenizer()));

const STORIES = '../shared/models/stories260K/tokenizer.json';
it.skipIf(!existsSync(STORIES))('a SentencePiece tokenizer (skipped without ../shared/models)', () =>
  holds(loadTokenizer(new Map([['tokenizer.json', new Uint8Array(readFileSync(STORIES))]]), {})),
);

describe('the work', () => {
  it('a place behind many turns is found by tokenizing the last one only', () => {
    const tokenizer = tinyTokenizer();
    const text = '<|im_start|>Hello<|im_end|>'.repeat(500);
    const places = new TokenPlaces(tokenizer, text);
    const seen: number[] = [];
    const bare = tokenizer.bare.bind(tokenizer);
    tokenizer.bare = (part) => {
      seen.push(part.length);
      return bare(part);
    };
    expect(places.upTo(text.length - 11)).toBe(places.ids.length - 2);
    expect(seen).toEqual(['<|im_start|>Hell'.length]);
  });
});
