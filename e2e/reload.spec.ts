/** A reload in the middle loses no data set, settings or finished run. */
import { expect, test } from './support/test';

test('data, mapping, model and settings are there after a reload', async ({ app }) => {
  await app.readyToTrain('kept.csv');
  await app.train.choose('Thorough');
  await app.train.set('Epochs', 7);
  await app.page.reload();
  await expect(app.line('data')).toHaveText('60 examples, 3 labels', { timeout: 30_000 });
  await expect(app.line('model')).toContainText('tiny-bert', { timeout: 30_000 });
  await expect(app.page.getByRole('radio', { name: 'Thorough' })).toBeChecked();
  await app.train.openSettings();
  await expect(app.page.getByRole('textbox', { name: 'Epochs', exact: true })).toHaveValue('7');
});

test(
  'a finished run is there after a reload and after a new start of the browser tab, with its figures ' +
    'and its weights',
  async ({ app, context }) => {
    test.setTimeout(240_000);
    await app.readyToTrain('kept.csv');
    await app.train.choose('Quick');
    await app.train.start();
    await app.train.finished();
    await app.go('evaluate');
    await app.evaluate.evaluated();
    const figures = await app.evaluate.figures();
    await app.go('try');
    await app.try.field('Text').fill('play some music');
    await expect(app.try.answers.first()).toContainText('After');
    const before = await app.try.answers.allInnerTexts();

    await app.page.reload();
    await app.go('evaluate');
    await app.evaluate.evaluated();
    expect(await app.evaluate.figures()).toEqual(figures);
    await app.go('try');
    await app.try.field('Text').fill('play some music');
    await expect(app.try.answers.first()).toContainText('After');
    expect(await app.try.answers.allInnerTexts()).toEqual(before);

    const second = await context.newPage();
    await app.page.close();
    await second.goto(app.site.url);
    await second.getByRole('link', { name: 'Runs', exact: true }).click();
    await expect(second.getByRole('article')).toHaveCount(1);
  },
);

test('a part of the app that cannot be fetched is said in its place, and can be tried again', async ({
  app,
  complaints,
}) => {
  complaints.expect(/Failed to load resource|dynamically imported module|preload/);
  await app.open();
  await app.page.route('**/assets/train-panel-*', (route) => route.abort());
  const step = app.page.getByRole('navigation', { name: 'Steps' }).getByRole('link', { name: /^Train / });
  await step.click();
  await expect(app.error('network')).toContainText('This part of the app could not be fetched.');
  await expect(step).toBeVisible();
  await app.page.unroute('**/assets/train-panel-*');
  await app.page.getByRole('button', { name: 'Try again' }).click();
  await expect(app.page.getByText('Training needs data and a model.')).toBeVisible();
});
