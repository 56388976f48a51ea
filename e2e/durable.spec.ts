/**
 * A run survives a reload, a crash of its page and a kill of the browser, and ends with the very weights of a run that
 * never stopped.
 */
import { EMPTY_SESSION } from '../src/store/session';
import { App } from './pages/app';
import { topicsCsv, upload } from './support/data';
import { keptStep, prepareRun, resumeRun } from './support/interrupted';
import { keptRuns } from './support/kept';
import { KillableBrowser } from './support/killable';
import { expect, test } from './support/test';

/** 500 steps: a checkpoint or a press of Pause falls well before the end, however fast the machine is. */
const EPOCHS = 250;

test('a killed browser loses no checkpoint that was acknowledged, and the run goes on to the same weights', async ({
  site,
}, info) => {
  test.setTimeout(300_000);
  const browser = new KillableBrowser(
    JSON.stringify({ ...EMPTY_SESSION, hubUrl: site.hubUrl, backendOverride: 'wasm' }),
  );
  try {
    let app = new App(await browser.start(), site, info);
    await prepareRun(app, EPOCHS);
    await app.train.start();
    await app.train.finished();
    const {
      finished: [expected],
    } = await keptRuns(app.page);
    await app.go('train');
    await app.train.start();
    await expect.poll(() => keptStep(app), { timeout: 60_000, intervals: [100] }).toBeGreaterThan(0);
    const acknowledged = (await keptStep(app)) ?? 0;
    await browser.kill();
    app = new App(await browser.start(), site, info);
    await app.open();
    expect(await resumeRun(app)).toBeGreaterThanOrEqual(acknowledged);
    await app.train.finished();
    const { finished } = await keptRuns(app.page);
    expect(finished).toHaveLength(2);
    expect(new Set(finished)).toEqual(new Set([expected]));
    await expect(app.train.resumeUnfinished).toHaveCount(0);
  } finally {
    await browser.remove();
  }
});

test('a paused run is offered after a reload and after a crash of the page, under Train and under Runs', async ({
  app,
}, info) => {
  test.setTimeout(240_000);
  await prepareRun(app, EPOCHS);
  await app.train.start();
  await expect(app.line('train')).toHaveText(/^Step [1-9]/, { timeout: 60_000 });
  await app.train.button('Pause').click();
  await expect(app.line('train')).toHaveText(/^Paused at step/);
  await expect(app.train.checkpoint).toContainText('Kept up to step');
  const paused = await keptStep(app);
  await app.page.reload();
  await app.go('train');
  await expect(app.train.resumeUnfinished).toHaveText(`Resume at step ${paused?.toLocaleString('en')}`, {
    timeout: 60_000,
  });
  await app.picture('train-unfinished');
  await app.train.resumeUnfinished.click();
  await expect(app.line('train')).toHaveText(/^Step [1-9]/, { timeout: 60_000 });
  const devtools = await app.page.context().newCDPSession(app.page);
  void devtools.send('Page.crash').catch(() => undefined);
  await app.page.waitForEvent('crash');
  // A tab that has crashed is of no more use; its successor is.
  const page = await app.page.context().newPage();
  const next = new App(page, app.site, info);
  await next.open();
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  const card = page.getByRole('article', { name: /^Unfinished: topics\.csv · Thorough/ });
  await expect(card).toContainText('Unfinished', { timeout: 60_000 });
  await card.getByRole('button', { name: /^Resume/ }).click();
  await expect(next.line('train')).toHaveText(/^Step [1-9]/, { timeout: 60_000 });
  await next.train.button('Cancel, keep nothing').click();
  await expect(next.line('train')).toHaveText('Ready to start');
  await expect(next.train.resumeUnfinished).toHaveCount(0);
});

test('a browser that has lost its database still has every run, and goes on with one to the same weights', async ({
  app,
  complaints,
}) => {
  // The address outside the app, where nothing holds the database open.
  complaints.expect(/404 \(Not Found\)/);
  test.setTimeout(240_000);
  await prepareRun(app, EPOCHS);
  await app.train.start();
  await app.train.finished();
  const before = await keptRuns(app.page);
  await app.go('train');
  await app.train.start();
  await expect(app.line('train')).toHaveText(/^Step [1-9]/, { timeout: 60_000 });
  await app.train.button('Pause').click();
  await expect(app.line('train')).toHaveText(/^Paused at step/);
  const paused = await keptStep(app);
  await app.page.goto(`${app.site.url}../outside`);
  await app.page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.deleteDatabase('tabtune');
        request.onsuccess = () => resolve();
        request.onerror = () => reject(new Error('The database cannot be deleted.'));
      }),
  );
  expect((await keptRuns(app.page)).finished).toEqual([]);
  await app.open();
  expect(await keptRuns(app.page)).toMatchObject({ ...before, unfinished: { step: paused, whole: true } });
  expect(await resumeRun(app)).toBe(paused);
  await app.train.finished();
  expect((await keptRuns(app.page)).finished).toEqual([...before.finished, ...before.finished]);
});

test('a second tab reads and says so, and can take over when the first is closed', async ({ app, context }, info) => {
  await prepareRun(app, 1);
  await app.train.start();
  await app.train.finished();
  const page = await context.newPage();
  const second = new App(page, app.site, info);
  await second.open();
  const notice = page.getByTestId('reading');
  await expect(notice).toContainText('open in another tab');
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  await expect(page.getByRole('article')).toHaveCount(1);
  await page.goto(`${app.site.url}#/start`);
  await second.start.choose(upload('other.csv', topicsCsv(5)));
  await expect(second.error('storage')).toContainText('another tab');
  await expect(app.line('train')).toHaveText(/^Trained/);
  await app.page.close();
  await expect(notice).toContainText('you can go on here', { timeout: 30_000 });
  await notice.getByRole('button', { name: 'Work here' }).click();
  await expect(second.device).not.toHaveText(/Measuring|No device/, { timeout: 60_000 });
  await expect(notice).toHaveCount(0);
  await second.go('start');
  await second.start.choose(upload('other.csv', topicsCsv(5)));
  await second.data.opened();
});
