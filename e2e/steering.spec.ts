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

const stepOf = async (app: App): Promise<number> =>
  Number(/[\d,]+/.exec(await app.line('train').innerText())?.[0].replaceAll(',', ''));

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

test('a chart takes new points in and stays the same drawing: one made anew would be blank in between', async ({
  app,
}) => {
  await running(app);
  const chart = app.train.chart('Accuracy on validation rows');
  const drawing = chart.locator('svg').first();
  await drawing.evaluate((svg) => svg.setAttribute('data-first', ''));
  const before = (await chart.getAttribute('aria-label')) ?? '';
  await expect(chart).not.toHaveAccessibleName(before);
  await app.page.waitForTimeout(1000);
  await expect(drawing).toHaveAttribute('data-first', '', { timeout: 1000 });
  await app.train.button('Stop and keep').click();
  await app.train.finished();
});

test('a run that memory ran out for begins again with half the rows at once, as many a step', async ({ app, page }) => {
  // Memory that runs out in earnest takes minutes: the first run's messages are held back, and it is said to have
  // failed.
  await page.addInitScript(() => {
    let training: number | null = null;
    const Real = Worker;
    window.Worker = class extends Real {
      override postMessage(message: { type: string; id: number; name?: string }): void {
        if (message.name === 'train' && training === null) {
          training = message.id;
          const error = { code: 'out-of-memory', message: 'There is not enough memory.' };
          setTimeout(() =>
            this.dispatchEvent(new MessageEvent('message', { data: { type: 'failed', id: training, error } })),
          );
        } else super.postMessage(message);
      }
    };
  });
  await app.readyToTrain();
  await app.train.choose('Thorough');
  await app.train.set('Batch size', 10);
  await app.train.set('Gradient accumulation', 3);
  await app.train.start();
  await app
    .error('out-of-memory')
    .getByRole('button', { name: 'Begin again with 5 rows at once, 6 times a step: the same 30 rows' })
    .click();
  await app.train.finished();
  await expect(app.error('out-of-memory')).toHaveCount(0);
  await app.train.openSettings();
  await expect(page.getByRole('textbox', { name: 'Batch size', exact: true })).toHaveValue('5');
  await expect(page.getByRole('textbox', { name: 'Gradient accumulation', exact: true })).toHaveValue('6');
});
