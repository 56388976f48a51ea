/** What is dropped, picked or pasted goes where it belongs: folders, several files, archives, models, projects. */
import AxeBuilder from '@axe-core/playwright';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Page, TestInfo } from '@playwright/test';
import { strToU8, zipSync } from 'fflate';
import { delimited, topicRows, topicsCsv, upload } from './support/data';
import { tinyBertFiles } from './support/hub-server';
import { expect, test } from './support/test';

/** Writes files below the test's own folder; the path of that. */
async function folderOf(info: TestInfo, name: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    const target = info.outputPath(name, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
  return info.outputPath(name);
}

/** A folder a label, as reviews come. */
const byFolder = (): Record<string, string> =>
  Object.fromEntries<string>([
    ...topicRows(12).map(({ text, label }, i) => [`${label}/${i}.txt`, text] as const),
    ['README.md', '# About'],
    ['plot.png', 'no picture'],
  ]);

async function looksWell(page: Page): Promise<void> {
  expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
  await page.setViewportSize({ width: 360, height: 900 });
  // Charts are drawn again for the new width a moment later.
  await expect
    .poll(() => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth))
    .toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1280, height: 900 });
}

test('a dropped folder is texts with their folders as labels', async ({ app, page }, info) => {
  await app.open();
  await app.start.drop(await folderOf(info, 'reviews', byFolder()));
  await app.data.opened();
  await expect(app.data.summary).toContainText('reviews');
  await expect(app.data.figure('Rows')).toContainText('36');
  await expect(app.data.figure('Labels')).toHaveText('3');
  const files = page.getByRole('region', { name: 'Files' });
  await files.getByText('1 file left out: images').click();
  await expect(files).toContainText('plot.png');
  await expect(files).toContainText('README.md');
  await looksWell(page);
  await app.picture('intake-folder');
});

test('two files are one table, split by their names', async ({ app, page }, info) => {
  await app.open();
  await app.go('model');
  const rows = topicRows(20).map(({ text, label }) => [text, label]);
  const folder = await folderOf(info, 'two', {
    'train.csv': delimited([['text', 'label'], ...rows.slice(0, 50)]),
    'test.csv': delimited([['label', 'text'], ...rows.slice(50).map(([text = '', label = '']) => [label, text])]),
  });
  await app.start.drop(join(folder, 'test.csv'), join(folder, 'train.csv'));
  await app.data.opened();
  await expect(app.data.summary).toContainText('train.csv and test.csv');
  await expect(app.data.figure('Rows')).toContainText('60');
  await expect(app.data.row(1)).toContainText('train');
  await expect(page.getByRole('table', { name: 'Files of the data set' })).toContainText('test.csv');
  await looksWell(page);
  await page.setViewportSize({ width: 360, height: 900 });
  await app.picture('intake-two-360');
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.reload();
  await app.go('data');
  await expect(page.getByRole('table', { name: 'Files of the data set' })).toContainText('test.csv');
});

test('of two tables with other columns one is read, and the other can be opened instead', async ({
  app,
  page,
}, info) => {
  await app.open();
  const folder = await folderOf(info, 'tables', {
    'topics.csv': topicsCsv(20),
    'cities.csv': 'city,people\nBonn,330000\n',
  });
  await app.start.drop(join(folder, 'cities.csv'), join(folder, 'topics.csv'));
  await app.data.opened();
  await expect(app.data.figure('Rows')).toContainText('60');
  const files = page.getByRole('region', { name: 'Files' });
  await files.getByText('1 file left out: tables with other columns').click();
  await looksWell(page);
  await files.getByRole('button', { name: 'Open cities.csv instead' }).click();
  await expect(app.data.summary).toContainText('cities.csv');
  await expect(files).toHaveCount(0);
});

test('an archive of data on the Model step goes to Data, one of a model to Model', async ({ app, page }, info) => {
  await app.open();
  await app.go('model');
  const data = info.outputPath('archive.zip');
  await writeFile(data, zipSync({ 'data/train.csv': strToU8(topicsCsv(10)), 'data/about.pdf': strToU8('%PDF-') }));
  await app.start.drop(data);
  await app.data.opened();
  await expect(app.data.figure('Rows')).toContainText('30');
  await expect(page.getByRole('region', { name: 'Files' })).toContainText('documents');

  const model = info.outputPath('tiny.zip');
  const files = [...tinyBertFiles()].map(([name, bytes]) => [`tiny/${name}`, new Uint8Array(bytes)] as const);
  await writeFile(model, zipSync(Object.fromEntries(files)));
  const rows = info.outputPath('rows.csv');
  await writeFile(rows, topicsCsv(12));
  await app.start.drop(model, rows);
  await app.data.opened();
  await expect(app.data.figure('Rows')).toContainText('36');
  const notice = page.getByTestId('dropped');
  await expect(notice).toContainText('rows.csv under Data and tiny.zip under Model');
  await app.go('model');
  await expect(app.model.download).toBeVisible();
  await looksWell(page);
  await notice.getByRole('button', { name: 'Dismiss this notice' }).click();
  await expect(notice).toHaveCount(0);
});

test('a project that is dropped on Data is brought in', async ({ app, page }) => {
  await app.open();
  await app.go('data');
  await app.start.drop(join(import.meta.dirname, '../src/testing/kept/v1/pairs-head.tabtune.zip'));
  await expect(page.getByRole('main', { name: 'Runs' })).toBeVisible();
  await expect(page.getByRole('article')).toHaveCount(1);
});

test('a table is pasted on Start and on Data, and a sentence is none', async ({ app, page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const paste = async (text: string): Promise<void> => {
    await page.evaluate((content) => navigator.clipboard.writeText(content), text);
    await page.keyboard.press('Control+V');
  };
  await app.open();
  await expect(page.getByText('press Ctrl+V to paste a table')).toBeVisible();
  await paste('just a sentence');
  await expect(page.getByTestId('dropped')).toContainText('no table');
  await paste(topicsCsv(10, '\t'));
  await app.data.opened();
  await expect(app.data.figure('Rows')).toContainText('30');
  await expect(page.getByTestId('dropped')).toHaveCount(0);
  await paste(JSON.stringify(topicRows(12)));
  await expect(app.data.figure('Rows')).toContainText('36');
  // What is pasted into a field stays there.
  await app.go('start');
  await page.getByRole('button', { name: 'Paste a table' }).click();
  await page.getByRole('textbox', { name: 'Table' }).focus();
  await paste('a,b');
  await expect(page.getByRole('textbox', { name: 'Table' })).toHaveValue('a,b');
});

test('a broken file among several is named, and what was open stays', async ({ app, page }, info) => {
  await app.open();
  await app.start.choose(upload('topics.csv', topicsCsv(10)));
  await app.data.opened();
  const folder = await folderOf(info, 'broken', {
    'train.csv': topicsCsv(5),
    'test.csv': '\u0000\u0001\u0002'.repeat(99),
  });
  await app.start.drop(folder);
  await expect(app.error('bad-data')).toContainText('broken/test.csv');
  await expect(app.error('bad-data')).toContainText('Or drop the other files without it');
  await expect(app.data.figure('Rows')).toContainText('30');
  await looksWell(page);
});
