/** Each labelled-data format in each encoding opens by itself, whatever the file is called. */
import AxeBuilder from '@axe-core/playwright';
import { must } from '../src/base/assert';
import { writeFile } from 'node:fs/promises';
import { delimited, encoded, jsonLines, topicRows, topicsCsv, upload, type Encoding } from './support/data';
import { expect, test } from './support/test';

const ENCODINGS: Encoding[] = ['utf-8', 'utf-8-bom', 'utf-16le', 'utf-16be'];
const ENCODING_WORDS: Record<Encoding, RegExp> = {
  'utf-8': /UTF-8/,
  'utf-8-bom': /UTF-8 with/i,
  'utf-16le': /UTF-16/,
  'utf-16be': /UTF-16/,
};
/** A letter of each length in UTF-8, to be found again in the table. */
const MARK = 'Grüße ✓ 😀';

const marked = topicRows(20).map((row, index) => (index === 0 ? { ...row, text: `${MARK} ${row.text}` } : row));
const cells = [['text', 'label'], ...marked.map(({ text, label }) => [text, label])];

const FORMATS: [name: string, content: string, words: RegExp][] = [
  ['table.csv', delimited(cells), /CSV.*commas/],
  ['semicolons.csv', delimited(cells, ';'), /CSV.*semicolons/],
  ['table.tsv', delimited(cells, '\t'), /tabs/],
  ['array.json', JSON.stringify(marked), /JSON/],
  ['lines.jsonl', jsonLines(marked), /JSON/],
];

for (const [name, content, words] of FORMATS) {
  test(`${name} opens in every encoding`, async ({ app }) => {
    await app.open();
    for (const encoding of ENCODINGS) {
      await app.go('start');
      await app.start.choose(upload(name, encoded(content, encoding)));
      await app.data.opened();
      await expect(app.data.summary).toContainText(words);
      await expect(app.data.summary).toContainText(ENCODING_WORDS[encoding]);
      await expect(app.data.figure('Rows')).toContainText('60');
      await expect(app.data.figure('Labels')).toHaveText('3');
      await expect(app.data.row(1)).toContainText(MARK);
      await app.page.getByRole('button', { name: 'Close this data' }).click();
      await expect(app.data.summary).toHaveCount(0);
    }
  });
}

test('quotes, newlines in cells and CRLF are read as one cell', async ({ app }) => {
  const rows = topicRows(10).map(({ text, label }) => `"${text}, ""quoted""\r\nsecond line",${label}`);
  await app.open();
  await app.start.choose(upload('quoted.csv', `text,label\r\n${rows.join('\r\n')}\r\n`));
  await app.data.opened();
  await expect(app.data.figure('Rows')).toContainText('30');
  await expect(app.data.row(1)).toContainText('"quoted"');
});

test('a table can be pasted, and dropped on any step', async ({ app }, info) => {
  await app.open();
  await app.start.paste(topicsCsv(10));
  await app.data.opened();
  await expect(app.data.figure('Rows')).toContainText('30');
  await app.go('export');
  const path = info.outputPath('dropped.jsonl');
  await writeFile(path, jsonLines(topicRows(12)));
  await app.start.drop(path);
  await app.data.opened();
  await expect(app.data.figure('Rows')).toContainText('36');
});

test.describe('tasks are found by content', () => {
  const texts = topicRows(12);

  test('multi-label as lists', async ({ app }) => {
    await app.open();
    await app.start.choose(
      upload(
        'lists.jsonl',
        jsonLines(texts.map(({ text, label }, row) => ({ text, labels: row % 2 ? [label] : [label, 'all'] }))),
      ),
    );
    await app.data.opened();
    await expect(app.data.choice('Task')).toHaveValue('multi-label');
    await expect(app.data.figure('Labels')).toHaveText('4');
  });

  test('multi-label as columns of 0 and 1', async ({ app }) => {
    const rows = texts.map(({ text, label }, row) => [
      text,
      label === 'food' ? '1' : '0',
      label === 'music' ? '1' : '0',
      row % 3 === 0 ? '1' : '0',
    ]);
    await app.open();
    await app.start.choose(upload('columns.csv', delimited([['text', 'food', 'music', 'third'], ...rows])));
    await app.data.opened();
    await expect(app.data.choice('Task')).toHaveValue('multi-label');
    await expect(app.data.figure('Labels')).toHaveText('3');
  });

  test('regression', async ({ app }) => {
    await app.open();
    await app.start.choose(
      upload(
        'scores.csv',
        delimited([['text', 'score'], ...texts.map(({ text }, row) => [text, String(1 + (row % 41) / 10)])]),
      ),
    );
    await app.data.opened();
    await expect(app.data.choice('Task')).toHaveValue('regression');
    await expect(app.data.figure('Numbers')).toContainText('mean');
  });

  test('sentence pairs', async ({ app }) => {
    await app.open();
    const rows = texts.map(({ text, label }, row) => [
      text,
      must(texts[(row + 1) % texts.length]).text,
      label === 'food' ? 'same' : 'different',
    ]);
    await app.start.choose(upload('pairs.tsv', delimited([['sentence1', 'sentence2', 'label'], ...rows], '\t')));
    await app.data.opened();
    await expect(app.data.choice('Second text')).toHaveValue('sentence2');
    await expect(app.data.choice('Task')).toHaveValue('single-label');
  });
});

test('the mapping can be changed, a given split is honoured', async ({ app }) => {
  const splits = ['train', 'train', 'train', 'dev', 'test'];
  const rows = topicRows(20).map(({ text, label }, row) => [
    text,
    label,
    must(splits[Math.floor(row / 3) % 5]),
    `note ${row % 2}`,
  ]);
  await app.open();
  await app.start.choose(upload('split.csv', delimited([['body', 'queue', 'split', 'note'], ...rows])));
  await app.data.opened();
  await expect(app.data.reading).toContainText('queue');
  await expect(app.data.choice('Given split')).toHaveValue('split');
  await expect(app.page.getByRole('region', { name: 'Split', exact: true })).toContainText('The column “split” says');
  await app.data.choice('Label').selectOption('note');
  await expect(app.data.figure('Labels')).toHaveText('2');
  await app.data.choice('Label').selectOption('queue');
  await expect(app.data.figure('Labels')).toHaveText('3');
});

test('how a file was read can be changed, and what is left out is said', async ({ app }) => {
  await app.open();
  const latin = Buffer.from('Umfrage 2024\nFrage;Thema\nschöne Größe;gut\nnicht schön;schlecht\n', 'latin1');
  await app.start.choose(upload('umfrage.csv', latin));
  await app.data.opened();
  await expect(app.data.summary).toContainText(/Windows-1252.*semicolons; line 2 names the columns/);
  await expect(app.data.health).toContainText('A line above the table was left out: “Umfrage 2024”.');
  await expect(app.data.row(1)).toContainText('schöne Größe');
  await app.page.getByRole('button', { name: /How the file was read/ }).click();
  const again = app.page.getByRole('button', { name: 'Read the file again' });
  await expect(again).toBeDisabled();
  const { violations } = await new AxeBuilder({ page: app.page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join(' '))])).toEqual([]);
  await app.page.getByRole('checkbox', { name: 'Its first row names the columns' }).uncheck();
  await app.page.getByRole('combobox', { name: 'Encoding' }).selectOption('windows-1251');
  await again.click();
  await app.data.opened();
  await expect(app.data.summary).toContainText(/Windows-1251.*no row names the columns/);
  await expect(app.data.figure('Rows')).toContainText('3');
  await app.page.getByRole('button', { name: 'Find it by content' }).click();
  await app.data.opened();
  await expect(app.data.summary).toContainText(/Windows-1252/);
  await expect(app.data.figure('Rows')).toContainText('2');
  await app.page.reload();
  await app.data.opened();
  await app.page.getByRole('button', { name: /How the file was read/ }).click();
  await expect(app.page.getByText('Drop it again to read it in another way.')).toBeVisible();
});
