/** Streaming: the pieces add up to the whole text, characters are never cut, stop strings never shown. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AnswerStream } from './answer-stream';
import { tinyTokenizer } from '../testing/text';
import { loadTokenizer } from './tokenizer';
import type { TextTokenizer } from './tokenizer';

function pieces(
  tokenizer: TextTokenizer,
  ids: readonly number[],
  stopStrings: readonly string[] = [],
): { pieces: string[]; stream: AnswerStream } {
  const stream = new AnswerStream(tokenizer, stopStrings);
  const out = [...ids.map((id) => stream.push(id)), stream.end()];
  expect(out.join('')).toBe(stream.text);
  return { pieces: out, stream };
}

const tiny = tinyTokenizer();

describe('with a byte-level tokenizer', () => {
  it('gives out each token as it comes', () => {
    expect(pieces(tiny, tiny.bare('Hello you')).pieces).toEqual(['Hell', 'o', ' ', 'y', 'o', 'u', '']);
  });

  it('leaves special tokens out', () => {
    expect(pieces(tiny, [...tiny.bare('Hi'), 201]).stream.text).toBe('Hi');
  });

  it('holds back what may become a stop string, and stops before it', () => {
    const { pieces: out, stream } = pieces(tiny, tiny.bare('a\nUser: b'), ['\nUser:']);
    expect([out.join(''), stream.stopped, out[1]]).toEqual(['a', true, '']);
    expect(pieces(tiny, tiny.bare('a\nUs b'), ['\nUser:']).stream).toMatchObject({ text: 'a\nUs b', stopped: false });
    expect(pieces(tiny, tiny.bare('a\nUse'), ['\nUser:']).stream.text).toBe('a\nUse');
  });

  it('the first of several stop strings counts', () => {
    expect(pieces(tiny, tiny.bare('one. two; three'), [';', '.']).stream.text).toBe('one');
  });

  it('long answers stay whole', () => {
    const text = Array.from({ length: 300 }, (_, i) => `Hello ${i % 7}`).join(' ');
    expect(pieces(tiny, tiny.bare(text)).stream.text).toBe(text);
  });
});

const GPT2 = '../shared/tokenizers/gpt2/tokenizer.json';
const STORIES = '../shared/models/stories260K/tokenizer.json';
const load = (path: string): TextTokenizer =>
  loadTokenizer(new Map([['tokenizer.json', new Uint8Array(readFileSync(path))]]), {});
const TEXTS = [
  'Once upon a time, there was a fox.',
  'Über die Brücke — 東京は日本の 🙂👩‍👩‍👧 ok',
  '  two spaces\n\n\tand tabs ',
  'é'.repeat(90),
];

it.skipIf(!existsSync(GPT2)).each(TEXTS)(
  'GPT-2 in pieces of bytes: %s (skipped without ../shared/tokenizers)',
  (text) => {
    const gpt2 = load(GPT2);
    const { pieces: out, stream } = pieces(gpt2, gpt2.bare(text));
    expect(stream.text).toBe(text);
    expect(out.slice(0, -1).join('')).not.toContain('\ufffd');
  },
);

it.skipIf(!existsSync(STORIES)).each(TEXTS)(
  'SentencePiece with byte fallback: %s (skipped without ../shared/models)',
  (text) => {
    const stories = load(STORIES);
    const ids = stories.bare(text);
    const { pieces: out, stream } = pieces(stories, ids);
    expect(stream.text).toBe(stories.decode(ids, true));
    expect(out.join('')).not.toContain('\ufffd');
  },
);
