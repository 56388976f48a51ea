/** Pause, resume, stop-and-keep and cancel, each at the next step's edge, as a person sees them. */
import type { App } from './pages/app';
import { topicsCsv, upload } from './support/data';
import { expect, test } from './support/test';

/** A run long enough to be steered. */
async function running(app: App): Promise<void> {
  await app.open();
  await app.start.choose(upload('topics.csv', topicsCsv(40)));
  await app.data.opened();
  await app.useTinyModel();
  await app.go('train');
  await app.train.choose('Thorough');
  await app.train.set('Epochs', 1000);
  await app.train.start();
  await expect(app.line('train')).toHaveText(/^Step [1-9]/, { timeout: 60_000 });
}

const stepOf = async (app: App): Promise<number> => Number(/[\d,]+/.exec(await app.line('train').innerText())?.[0].replaceAll(',', ''));

test('a paused run stands still, goes on, and is kept when it is stopped', async ({ app }) => {
  await running(app);
  await app.train.button('Pause').click();
  await expect(app.line('train')).toHaveText(/^Paused at step/);
  const paused = await stepOf(app);
  await app.page.waitForTimeout(1500);
  expect(await stepOf(app)).toBe(paused);
  await app.train.button('Resume').click();
  await expect.poll(() => stepOf(app)).toBeGreaterThan(paused);
  await app.train.button('Stop and keep').click();
  await app.train.finished();
  await expect(app.line('train')).toHaveText(/^Trained in [\d,]+ steps$/);
  expect(await stepOf(app)).toBeGreaterThan(paused);
  await app.go('evaluate');
  await app.evaluate.evaluated();
});

test('a cancelled run keeps nothing, and another can start', async ({ app }) => {
  await running(app);
  await app.train.button('Cancel, keep nothing').click();
  await expect(app.train.button('Start training')).toBeEnabled();
  await expect(app.line('train')).toHaveText('Ready to start');
  await expect(app.line('export')).toHaveText('After training');
  await app.train.set('Epochs', 1);
  await app.train.start();
  await app.train.finished();
});

test('the rest of the app can be used while it trains', async ({ app }) => {
  await running(app);
  await app.go('data');
  await expect(app.data.row(1)).toBeVisible();
  await app.go('model');
  await app.go('train');
  await expect(app.line('train')).toHaveText(/^Step/);
  await app.train.button('Stop and keep').click();
  await app.train.finished();
});
