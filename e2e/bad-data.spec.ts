/**
 * Each kind of bad data file that a person can meet: a message with place and fix, or a usable rest, and never a hang.
 */
import { must } from '../src/base/assert';
import { randomBytes } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimited, jsonLines, topicRows, topicsCsv, upload } from './support/data';
import { expect, test } from './support/test';

const rows = topicRows(20).map(({ text, label }) => [text, label]);

test.describe('refused, with place and fix', () => {
  const REFUSED: [what: string, name: string, content: string | Buffer, code: string, words: RegExp][] = [
    ['no row', 'header.csv', 'text,label\n', 'bad-data', /row/i],
    ['an empty file', 'empty.csv', '', 'bad-data', /empty/i],
    [
      'a binary file named .csv',
      'image.csv',
      Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), randomBytes(4096)]),
      'bad-data',
      /not a table/,
    ],
  ];
  for (const [what, name, content, code, words] of REFUSED) {
    test(what, async ({ app }) => {
      await app.open();
      await app.start.choose(upload(name, content));
      const notice = app.error(code);
      await expect(notice).toBeVisible();
      await expect(notice).toContainText(words);
      await expect(notice).toContainText(name);
      await expect(notice).toContainText('What to do');
      await expect(app.data.summary).toHaveCount(0);
    });
  }

  test('a single line of 200 MB', async ({ app }, info) => {
    const path = info.outputPath('line.csv');
    await writeFile(path, Buffer.alloc(200_000_000, 'a'));
    expect((await openAsBlob(path)).size).toBe(200_000_000);
    await app.open();
    await app.start.choose(path);
    await expect(app.error('bad-data')).toContainText(/longer than/, { timeout: 10_000 });
  });
});

test.describe('open, but blocked from training with the reason', () => {
  const BLOCKED: [what: string, content: string, words: RegExp][] = [
    ['one column', delimited([['text'], ...rows.map((_, row) => [`text${row}`])]), /label column/],
    ['one label', delimited([['text', 'label'], ...rows.map(([text]) => [must(text), 'same'])]), /same label/],
    [
      '10,000 labels',
      delimited([
        ['text', 'label'],
        ...Array.from({ length: 10_000 }, (_, row) => [`text number ${row}`, `label-${row}`]),
      ]),
      /labels/,
    ],
    ['empty texts only', delimited([['text', 'label'], ...rows.map(([, label]) => ['', must(label)])]), /can be used/],
  ];
  for (const [what, content, words] of BLOCKED) {
    test(what, async ({ app }) => {
      await app.open();
      await app.start.choose(upload('blocked.csv', content));
      await app.data.opened();
      const blocker = app.data.health.getByRole('alert');
      await expect(blocker).toContainText(words);
      await expect(app.data.next).toBeDisabled();
      await expect(app.line('data')).toHaveText('Needs a change');
    });
  }
});

test('ragged rows are left out and listed with their row and reason', async ({ app }) => {
  const lines = topicsCsv(20).trimEnd().split('\n');
  lines.splice(3, 0, 'only one cell');
  lines.splice(5, 0, 'one,two,three,four');
  await app.open();
  await app.start.choose(upload('ragged.csv', lines.join('\n')));
  await app.data.opened();
  await expect(app.data.figure('Rows')).toContainText('62');
  await expect(app.data.figure('Rows')).toContainText('2 left out');
  await app.data.show('Left out');
  await expect(app.data.row(3)).toBeVisible();
  await expect(app.data.row(5)).toBeVisible();
});

test('a quote that is never closed costs its own row only', async ({ app }) => {
  await app.open();
  // Cells that need their quotes show that quotes are no text here.
  const quoted = Array.from({ length: 5 }, (_, i) => `"soup, bread and cheese ${i}",food\n`).join('');
  await app.start.choose(upload('quote.csv', topicsCsv(20).replace('\n', `\n"never closed,food\n${quoted}`)));
  await app.data.opened();
  await expect(app.data.figure('Rows')).toContainText('66');
  await expect(app.data.figure('Rows')).toContainText('1 left out');
  await app.data.show('Left out');
  await app.data.row(1).getByRole('button').click();
  await expect(app.page.getByRole('dialog')).toContainText(/quote.*never closed/);
});

test('a label with one row is kept and named', async ({ app }) => {
  await app.open();
  await app.start.choose(upload('single.csv', delimited([['text', 'label'], ...rows, ['a lonely one', 'hapax']])));
  await app.data.opened();
  await expect(app.data.health).toContainText('hapax');
  await expect(app.data.next).toBeEnabled();
});

test('`__proto__` is a key and a label like any other', async ({ app }) => {
  const table = topicRows(20).map(
    ({ text, label }) => `{"text": ${JSON.stringify(text)}, "__proto__": "${label === 'food' ? '__proto__' : label}"}`,
  );
  await app.open();
  await app.start.choose(upload('proto.jsonl', table.join('\n')));
  await app.data.opened();
  await app.data.choice('Label').selectOption('__proto__');
  await expect(app.data.figure('Labels')).toHaveText('3');
  await expect(app.data.balance).toContainText('__proto__');
  expect(await app.page.evaluate(() => Object.keys(Object.prototype))).toEqual([]);
});

test('HTML and control characters are shown as text', async ({ app }) => {
  const hostile =
    '<img src=x onerror="window.injected = true"><script>window.injected = true</script> \u0007\u0000\u202e bell';
  await app.open();
  await app.start.choose(upload('html.jsonl', jsonLines([{ text: hostile, label: '<b>bold</b>' }, ...topicRows(20)])));
  await app.data.opened();
  await expect(app.data.row(1)).toContainText('<img src=x');
  await expect(app.data.balance).toContainText('<b>bold</b>');
  await app.page.getByRole('button', { name: 'Open row 1', exact: true }).click();
  await expect(app.page.getByRole('dialog')).toContainText('<script>');
  expect(await app.page.evaluate(() => 'injected' in window)).toBe(false);
});

test('a second file can be chosen after a bad one', async ({ app }) => {
  await app.open();
  await app.start.choose(upload('empty.csv', ''));
  await expect(app.error('bad-data')).toBeVisible();
  await app.go('start');
  await app.start.choose(upload('good.csv', topicsCsv(10)));
  await app.data.opened();
  await expect(app.error('bad-data')).toHaveCount(0);
});
