/**
 * The whole way with the real model on WebAssembly: sample, Quick, evaluation, playground, each file, with a picture of
 * every step.
 */
import { must } from '../src/base/assert';
import { json, tensors, text, unzipped } from './support/downloads';
import { expect, test } from './support/test';

test('a person fine-tunes MiniLM on a sample and takes the weights away', async ({ app }, info) => {
  test.setTimeout(400_000);
  await app.page.addInitScript(() => {
    const seen: [number, number][] = [];
    Object.assign(window, { longTasks: seen });
    new PerformanceObserver((list) =>
      seen.push(...list.getEntries().map(({ startTime, duration }): [number, number] => [startTime, duration])),
    ).observe({ type: 'longtask', buffered: true });
  });
  await app.open();
  await expect(app.device).toContainText('CPU (WebAssembly');
  await app.picture('1-start');

  await app.start.sample(/Support requests/);
  await app.data.opened();
  await expect(app.data.figure('Labels')).toHaveText('7');
  await expect(app.data.health.getByRole('alert')).toHaveCount(0);
  await app.picture('2-data');

  await app.go('model');
  await app.model.useEmbedded();
  await app.model.ready();
  await expect(app.model.loaded('Parameters')).toContainText('22.7 M');
  await app.picture('3-model');

  await app.go('train');
  await expect(app.page.getByRole('radio', { name: 'Quick' })).toBeChecked();
  await expect(app.train.estimate('Steps')).not.toContainText('…', { timeout: 30_000 });
  await app.picture('4-train-before');
  const now = (): Promise<number> => app.page.evaluate(() => performance.now());
  const began = await now();
  await app.train.start();
  await app.train.finished();
  const ended = await now();
  await expect(app.train.watched.getByRole('row')).not.toHaveCount(0);
  await app.train.chart('Loss').hover();
  await expect(app.train.chart('Loss').getByText(/^Training, each step: [\d.]+$/)).toBeVisible();
  // The pointer comes before the keys.
  await app.page.mouse.move(5, 5);
  await app.train.chart('Loss').getByRole('application').focus();
  await app.page.keyboard.press('ArrowRight');
  await expect(app.train.chart('Loss').getByRole('status')).toContainText(/^step 2Training, each step: [\d.]+Training/);
  await app.picture('4-train-after');

  await app.go('evaluate');
  await app.evaluate.evaluated();
  const [base, tuned] = await app.evaluate.measure('Accuracy');
  expect(tuned).toBeGreaterThan(base + 20);
  await expect(app.evaluate.classes.getByRole('row')).toHaveCount(8);
  await app.picture('5-evaluate');
  await app.evaluate.matrix.getByRole('button').first().click();
  await expect(
    app.page.getByRole('dialog').getByRole('table', { name: 'Rows of this cell' }).getByRole('row'),
  ).not.toHaveCount(1);
  await app.page.keyboard.press('Escape');

  await app.go('try');
  await app.try.field('Text').pressSequentially('I was charged twice this month, please refund me');
  await expect(app.try.answers.first()).toContainText(/After: [\d.]+\s*%/);
  await expect(app.try.answers).toHaveCount(7);
  await app.picture('6-try');

  await app.go('export');
  const zip = await unzipped(await app.export.download('The model with its new layer', true));
  expect(await app.export.difference('The model with its new layer')).toBeLessThanOrEqual(1e-4);
  const dense = tensors(zip, '2_Dense/model.safetensors');
  expect(dense.get('linear.weight')?.shape).toEqual([7, 384]);
  expect(dense.get('linear.bias')?.shape).toEqual([7]);
  expect(must(dense.get('linear.weight')).values.every(Number.isFinite)).toBe(true);
  expect(Object.keys(json(zip, 'config.json')['id2label'] as object)).toHaveLength(7);
  expect([...zip.keys()]).toEqual(
    expect.arrayContaining([
      'modules.json',
      'model.safetensors',
      'tokenizer.json',
      '1_Pooling/config.json',
      'README.md',
    ]),
  );

  const predictions = (await text(await app.export.download('Predictions', false)))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(predictions.length).toBeGreaterThan(10);
  expect(predictions.every((row) => Array.isArray(row['logits']) && row['logits'].length === 7)).toBe(true);
  const recipe = JSON.parse(await text(await app.export.download('The recipe', false))) as Record<string, unknown>;
  expect(JSON.stringify(recipe)).toMatch(/[0-9a-f]{64}/);
  await app.picture('7-export');

  const longTasks = await app.page.evaluate(() => (window as unknown as { longTasks: [number, number][] }).longTasks);
  const training = longTasks.filter(([start]) => start >= began && start <= ended);
  const told = [longTasks, training].map(
    (tasks) => `${tasks.length}, longest ${Math.round(Math.max(0, ...tasks.map(([, duration]) => duration)))} ms`,
  );
  const description = `${told[0]}; while it trains ${told[1]}`;
  info.annotations.push({ type: 'tasks of the page over 50 ms', description });
  console.log(`tasks of the page over 50 ms: ${description}`);
});
