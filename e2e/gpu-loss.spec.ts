/**
 * The browser's GPU process dies under a run on WebGPU: the page says so, and the run ends with the weights of one that
 * was left alone.
 */
import { keptStep, prepareRun } from './support/interrupted';
import { keptRuns } from './support/kept';
import { launchOptions } from './support/launch';
import { expect, test } from './support/test';

test.use({ backend: 'webgpu', launchOptions: launchOptions(true) });

/** 80 steps of about a tenth of a second: Pause is pressed before the end. */
const EPOCHS = 40;

test('a run whose GPU process crashes goes on by itself, to the same weights', async ({ app, browser }) => {
  test.setTimeout(300_000);
  await prepareRun(app, EPOCHS);
  await app.train.start();
  await app.train.finished();
  const {
    finished: [expected],
  } = await keptRuns(app.page);
  await app.go('train');
  await app.train.start();
  await expect(app.line('train')).toHaveText(/^Step [1-9]/, { timeout: 60_000 });
  // A pause is kept: where the run goes on from is known, however fast the machine is.
  await app.train.button('Pause').click();
  await expect(app.line('train')).toHaveText(/^Paused at step/);
  const kept = await keptStep(app);
  const devtools = await browser.newBrowserCDPSession();
  await devtools.send('Browser.crashGpuProcess').catch(() => undefined);
  await app.train.button('Resume').click();
  const notice = app.page.getByTestId('gpu-loss');
  await expect(notice).toContainText('The GPU stopped working and was opened anew.', { timeout: 60_000 });
  await expect(notice).toContainText(`went on from step ${kept?.toLocaleString('en')}`);
  await app.picture('train-gpu-loss');
  await app.train.finished();
  const { finished } = await keptRuns(app.page);
  expect(finished).toHaveLength(2);
  expect(new Set(finished)).toEqual(new Set([expected]));
});
