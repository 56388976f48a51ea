/** The other kinds of task, each from its sample to an exported model: several labels, a number, pairs of texts. */
import { readFile } from 'node:fs/promises';
import type { App } from './pages/app';
import { figure } from './pages/figures';
import { delimited, topicRows, upload } from './support/data';
import { json, tensors, unzipped } from './support/downloads';
import { expect, test } from './support/test';

async function trained(app: App, sample: RegExp): Promise<void> {
  await app.open();
  await app.start.sample(sample);
  await app.data.opened();
  await app.useTinyModel();
  await app.go('train');
  await app.train.choose('Thorough');
  await app.train.set('Epochs', 2);
  await app.train.start();
  await app.train.finished();
  await app.go('evaluate');
  await app.evaluate.evaluated();
}

test('several labels a text', async ({ app }) => {
  await trained(app, /Topics of app reviews/);
  for (const measure of ['Micro F1', 'Macro F1', 'Exact match'])
    expect((await app.evaluate.measure(measure)).every((share) => share >= 0 && share <= 100)).toBe(true);
  await app.picture('task-multi-label');
  await app.go('try');
  await app.try.field('Text').fill('The app crashes whenever I log in.');
  await expect(app.try.answers).toHaveCount(8);
  await app.go('export');
  const zip = await unzipped(await app.export.download('The whole model', true));
  expect(json(zip, 'config.json')).toMatchObject({ problem_type: 'multi_label_classification' });
  expect(tensors(zip, 'model.safetensors').get('classifier.weight')?.shape).toEqual([8, 32]);
});

test('a number a text', async ({ app }) => {
  await trained(app, /Restaurant reviews/);
  for (const measure of ['Mean error', 'RMSE', 'R²', 'Correlation'])
    await expect(figure(app.page, 'Before and after', measure)).toContainText(/\d/);
  await app.picture('task-regression');
  await app.go('try');
  await app.try.field('Text').fill('The soup was cold and the waiter rude.');
  await expect(figure(app.page, 'Answers', 'After')).toContainText(/\d/);
  await app.go('export');
  const zip = await unzipped(await app.export.download('The whole model', true));
  expect(json(zip, 'config.json')).toMatchObject({ problem_type: 'regression' });
  expect(tensors(zip, 'model.safetensors').get('classifier.weight')?.shape).toEqual([1, 32]);
});

test('prices, by their logarithm', async ({ app }) => {
  const { page } = app;
  const prices = topicRows(120).map(({ text }, row) => [text, String(Math.round(900 * Math.exp((row % 31) / 5)))]);
  await app.open();
  await app.start.choose(upload('prices.csv', delimited([['text', 'price'], ...prices])));
  await app.data.opened();
  await expect(page.getByText('“Learn the logarithm” under Advanced')).toBeVisible();
  await app.picture('task-prices-data');
  await app.useTinyModel();
  await app.go('train');
  await app.train.choose('Thorough');
  await app.train.set('Epochs', 2);
  await page.getByRole('switch', { name: 'Learn the logarithm' }).click();
  await app.picture('task-prices-settings');
  await app.train.start();
  await app.train.finished();
  await expect(page.getByText('Squared error of the numbers (or logarithms) as the model learns them')).toBeVisible();
  await app.picture('task-prices-train');
  await app.go('evaluate');
  await app.evaluate.evaluated();
  // In the unit of the data, in full.
  await expect(figure(page, 'Before and after', 'Mean error')).toContainText(/\d,\d{3}|\d{4}/);
  await app.picture('task-prices-evaluate');
  await app.go('export');
  await expect(app.export.card('The whole model')).toContainText('math.exp(answer)');
  const zip = await unzipped(await app.export.download('The whole model', true));
  expect(json(zip, 'config.json')).toMatchObject({ problem_type: 'regression', target_transform: 'log' });
});

test('pairs of texts', async ({ app }) => {
  await trained(app, /Same question or not/);
  await app.picture('task-pairs');
  await app.go('try');
  await app.try.field('First text').fill('How do I reset my password?');
  await app.try.field('Second text').fill('Where can I change my password?');
  await expect(app.try.answers).toHaveCount(2);
  await app.go('export');
  const rows = (await readFile(await (await app.export.download('Predictions', false)).path(), 'utf8'))
    .trim()
    .split('\n');
  expect(rows.every((row) => JSON.stringify(JSON.parse(row)).includes('logits'))).toBe(true);
});
