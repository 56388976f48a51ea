/** A data set of conversations through the tiny decoder's own template: splits, counts, exact tokens, cancelling. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { must } from '../../../base/assert';
import type { Dataset } from '../../../data/dataset';
import { openRows } from '../../../testing/data';
import { chatFormat } from '../../../text/chat-format';
import { ChatRenderer } from '../../../text/chat-renderer';
import { loadTokenizer, tokenizersReady } from '../../../text/tokenizer';
import { preferring } from '../../prefer/worker';
import { answering } from '.';
import { conversations, renderSplit, showTokens } from './rows';
import type { Rendering } from './rows';

const json = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(`e2e/fixtures/tiny-llama/${name}`, 'utf8')) as Record<string, unknown>;
const settings = json('tokenizer_config.json');
await tokenizersReady();
const tokenizer = loadTokenizer(
  new Map([['tokenizer.json', new Uint8Array(readFileSync('e2e/fixtures/tiny-llama/tokenizer.json'))]]),
  json('config.json'),
);
const renderer = new ChatRenderer(
  chatFormat(
    {
      tokenizer,
      settings,
      config: json('config.json'),
      generationConfig: null,
      template: String(settings['chat_template']),
    },
    'own',
  ),
);

const SHORT = Array.from({ length: 10 }, (_, i) => ({
  prompt: `What is ${i}?`,
  completion: `It is the number ${i}.`,
  split: i < 8 ? 'train' : 'validation',
}));

/** How the rows of a data set are rendered; nobody cancels and nobody is told. */
const of = (dataset: Dataset, more: Partial<Rendering> = {}): Rendering => ({
  dataset,
  read: answering.reader(dataset.info.mapping, dataset.info),
  renderer,
  maxLength: 128,
  signal: new AbortController().signal,
  onProgress: () => undefined,
  ...more,
});

describe('a split', () => {
  it('is rendered in its order, with what was left out', async () => {
    const long = { prompt: 'Why? '.repeat(40), completion: 'Because it is so.', split: 'train' };
    const dataset = await openRows([SHORT[0], long, ...SHORT.slice(1)]);
    const seen: number[] = [];
    const train = await renderSplit('train', of(dataset, { onProgress: (done, total) => seen.push(done, total) }));
    expect(train.rows.map(({ row }) => row)).toEqual([1, 3, 4, 5, 6, 7, 8, 9]);
    expect(train.examples.map(({ row }) => row)).toEqual([1, 3, 4, 5, 6, 7, 8, 9]);
    expect(train.counts).toMatchObject({
      rows: 9,
      kept: 8,
      truncated: 1,
      leftOut: { 'answer-cut-off': 1 },
      examples: [{ row: 2 }],
    });
    expect(seen.slice(-2)).toEqual([9, 9]);
    const validation = await renderSplit('validation', of(dataset));
    expect(validation.rows.map(({ row }) => row)).toEqual([10, 11]);
  });

  it('can be cancelled between rows', async () => {
    const rows = Array.from({ length: 2000 }, (_, i) => ({
      prompt: `What is ${i}, if one may ask?`,
      completion: `It is the number ${i}.`,
      split: 'train',
    }));
    const controller = new AbortController();
    const dataset = await openRows(rows);
    await expect(
      renderSplit('train', of(dataset, { signal: controller.signal, onProgress: () => controller.abort() })),
    ).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('the tokens of a row', () => {
  it('are shown with the answer and its end token marked', async () => {
    const [first] = conversations('train', of(await openRows(SHORT)));
    const [shown] = showTokens(must(first, 'row'), renderer, 128);
    expect(shown).toMatchObject({ part: 'sequence', truncated: false });
    expect(shown?.tokens.map(({ text }) => text).join('')).toBe(
      '<|im_start|>user\nWhat is 0?<|im_end|>\n<|im_start|>assistant\nIt is the number 0.<|im_end|>\n',
    );
    expect(
      shown?.tokens
        .filter(({ trained }) => trained)
        .map(({ text }) => text)
        .join(''),
    ).toBe('It is the number 0.<|im_end|>\n');
  });

  it('of a preference are those of both sides', async () => {
    const dataset = await openRows([{ prompt: 'Why?', chosen: 'So.', rejected: 'No.' }]);
    const read = preferring.reader(dataset.info.mapping, dataset.info);
    const example = must(read(1, must(dataset.cells(1), 'cells')), 'row');
    expect(
      showTokens(example, renderer, 128).map(({ part, tokens }) => [
        part,
        tokens.filter(({ trained }) => trained).length,
      ]),
    ).toEqual([
      ['chosen', 5],
      ['rejected', 5],
    ]);
  });
});
