/** What was found in the data is put right with a button, by keyboard too, and undone. */
import AxeBuilder from '@axe-core/playwright';
import { delimited, topicRows, upload } from './support/data';
import { json, unzipped } from './support/downloads';
import { expect, test } from './support/test';

const LABELS = ['food', 'food, music', 'music', 'sport, music', 'sport', 'food, sport'];

test('labels in one cell are left whole and taken apart again', async ({ app }) => {
  const rows = topicRows(20).map(({ text }, row) => [text, LABELS[row % LABELS.length] ?? '']);
  await app.open();
  await app.start.choose(upload('genres.csv', delimited([['text', 'genre'], ...rows])));
  await app.data.opened();
  await expect(app.data.figure('Labels')).toHaveText('3');
  await expect(app.data.choice('Labels are parted by')).toHaveValue(',');
  await app.data.health.getByRole('button', { name: 'Keep cells whole' }).press('Enter');
  await expect(app.data.figure('Labels')).toHaveText('6');
  const { violations } = await new AxeBuilder({ page: app.page }).analyze();
  expect.soft(violations.map(({ id, nodes }) => `${id}: ${nodes.length}`)).toEqual([]);
  await app.page.setViewportSize({ width: 360, height: 900 });
  const overhang = () =>
    app.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await expect.soft.poll(overhang).toBeLessThanOrEqual(0);
  await app.picture('findings-360');
  await app.page.setViewportSize({ width: 1280, height: 900 });
  await app.data.health.getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(app.data.figure('Labels')).toHaveText('3');
  await app.data.choice('Labels are parted by').selectOption('nothing: such a cell is one label');
  await expect(app.data.figure('Labels')).toHaveText('6');
});

test('a table without a text is read, tried and taken away by all its columns', async ({ app }) => {
  const rows = Array.from({ length: 60 }, (_, row) => [
    `${row % 7} months`,
    ['car', 'tv', ''][row % 3] ?? '',
    String(row * 10),
    row % 4 ? 'good' : 'bad',
  ]);
  await app.open();
  await app.start.choose(upload('credit.csv', delimited([['duration', 'purpose', 'amount', 'risk'], ...rows])));
  await app.data.opened();
  await expect(app.data.reading.getByRole('checkbox', { name: 'amount' })).toBeChecked();
  await expect(app.data.health).toContainText('made of 3 columns');
  await app.data.health.getByRole('button', { name: 'Read “duration” alone' }).click();
  await expect(app.data.reading.getByRole('checkbox', { name: 'amount' })).not.toBeChecked();
  await expect(app.data.health).toContainText('2 columns are not read');
  await app.data.health.getByRole('button', { name: 'Join into the text' }).click();
  await app.useTinyModel();
  await app.go('train');
  await app.train.choose('Quick');
  await app.train.start();
  await app.train.finished();
  await app.go('try');
  await expect(app.try.field('Text')).toHaveValue('duration: \npurpose: \namount: ');
  await app.try.field('Text').fill('duration: 3 months\npurpose: \namount: 200');
  await expect(app.try.answers).toHaveCount(2);
  await app.go('export');
  const zip = await unzipped(await app.export.download('The model with its new layer', true));
  expect(json(zip, 'recipe.json')).toMatchObject({ data: { text: { columns: ['duration', 'purpose', 'amount'] } } });
});

test('places of a vector get their names', async ({ app }) => {
  const rows = topicRows(20).map(({ text }, row) => [text, `"[${row % 2} ${(row >> 1) % 2} 1]"`.replaceAll('"', '')]);
  await app.open();
  await app.start.choose(upload('vectors.csv', delimited([['text', 'labels'], ...rows])));
  await app.data.opened();
  const names = app.data.reading.getByRole('textbox', { name: 'Names of the labels' });
  await expect(names).toHaveValue('label 1\nlabel 2\nlabel 3');
  await names.fill('food\nsport\nmusic');
  await names.blur();
  await expect(app.data.balance).toContainText('sport');
});
