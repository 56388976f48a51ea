/** The sample files are what their cards say, and open without a complaint. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SAMPLES } from './samples';
import { SPLITS } from '../domain/task';
import { kindOf, open } from '../testing/data';

describe.each(SAMPLES.map((card) => [card.id, card] as const))('the sample %s', (_id, card) => {
  const path = `public/samples/${card.file}`;

  it('has the size, rows and task of its card and can be trained on', async () => {
    const bytes = readFileSync(path);
    const { info } = await open(bytes, card.file);
    expect(bytes.length).toBe(card.bytes);
    expect(info.rows).toBe(card.rows);
    expect(info.usableRows).toBe(card.rows);
    expect(kindOf(info.mapping)).toBe(card.kind);
    expect(info.health.blocker).toBeNull();
    expect(info.health.warnings).toEqual([]);
    expect(info.health.duplicates).toBe(0);
    for (const split of SPLITS) expect(info.splitRows[split]).toBeGreaterThan(0);
  });

  it('has its licence and source beside it', () => {
    const source = readFileSync(`${path.slice(0, path.lastIndexOf('/'))}/SOURCE.md`, 'utf8');
    expect(source).toContain('**Licence:**');
    expect(source).toContain('**Source:**');
  });
});

it('mail carries its whole licence text', () => {
  expect(existsSync('public/samples/spam/LICENSE.txt')).toBe(true);
});

it('the pairs are mapped as pairs, the topics as lists, the stars as numbers', async () => {
  const mappings = await Promise.all(
    SAMPLES.filter((card) => card.kind !== 'Answers').map(async (card) => [
      card.id,
      (await open(readFileSync(`public/samples/${card.file}`), card.file)).info.mapping,
    ]),
  );
  const labelled = (text: string, textPair: string | null, label: string, labelLayout: string) =>
    expect.objectContaining({ lesson: 'classify', text, textPair, labels: [label], labelLayout }) as unknown;
  expect(mappings).toEqual([
    ['support', labelled('request', null, 'queue', 'column')],
    ['spam', labelled('text', null, 'label', 'column')],
    ['topics', labelled('text', null, 'labels', 'list')],
    ['stars', labelled('review', null, 'stars', 'column')],
    ['questions', labelled('question1', 'question2', 'label', 'column')],
  ]);
});

it('one of them is shown when a person asks to be shown', () => {
  expect(SAMPLES.filter(({ tour }) => tour).map(({ id }) => id)).toEqual(['support']);
});
