/**
 * A run that is paused, reloaded, and whose page crashes, again and again at moments drawn by chance: it ends with the very weights of one that was
 * left alone. TABTUNE_STOPS says how often.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SeededRandom } from '../src/base/random';
import { App } from './pages/app';
import { prepareRun, progress, resumeRun, weightHashes } from './support/interrupted';
import { expect, test } from './support/test';

const STOPS = Number(process.env['TABTUNE_STOPS'] ?? 6);
const RESULT = join(import.meta.dirname, '..', 'bench', 'results', 'soak-pages.json');
const KINDS = ['pause', 'reload', 'page crash'] as const;
/** 2,000 steps; a run that reaches its end is compared, and another one takes its place. */
const EPOCHS = 1000;
/** From the first checkpoint of a session to its stop, at most. */
const LONGEST_MS = 400;

/** Stops the run in one way and has it go on; the page it goes on in. */
async function stop(kind: (typeof KINDS)[number], app: App, reopened: (page: App['page']) => App): Promise<App> {
  const { page } = app;
  if (kind === 'pause') {
    const pause = app.train.button('Pause');
    // It may have ended meanwhile.
    if (!(await pause.isEnabled().catch(() => false))) return app;
    await pause.click({ timeout: 2000 }).catch(() => undefined);
    const resume = app.train.button('Resume');
    await expect.poll(async () => (await resume.isVisible()) || (await progress(app)) === 'ended').toBe(true);
    if (await resume.isVisible()) await resume.click();
    return app;
  }
  let next = page;
  if (kind === 'page crash') {
    const devtools = await page.context().newCDPSession(page);
    const crashed = page.waitForEvent('crash');
    void devtools.send('Page.crash').catch(() => undefined);
    await crashed;
    next = await page.context().newPage();
    await page.close();
  }
  // Opening the address without its fragment loads the page anew.
  const again = reopened(next);
  await again.open();
  await again.go('train');
  return again;
}

test(`${STOPS} pauses, reloads and crashes of the page change nothing`, async ({ app: first, site }, info) => {
  const random = new SeededRandom(Number(process.env['TABTUNE_SEED'] ?? 7), 'stops');
  const tally = { stops: { pause: 0, reload: 0, 'page crash': 0 }, runsEnded: 0, runsEqual: 0 };
  let app = first;
  await prepareRun(app, EPOCHS);
  await app.train.start();
  await app.train.finished();
  const [expected] = await weightHashes(app);
  const compared = async (): Promise<void> => {
    tally.runsEnded++;
    const hashes = await weightHashes(app);
    if (hashes.length === tally.runsEnded + 1 && hashes.every((hash) => hash === expected)) tally.runsEqual++;
    expect(tally.runsEqual).toBe(tally.runsEnded);
  };
  await app.go('train');
  await app.train.start();
  for (let stops = 0; stops < STOPS; stops++) {
    const kind = KINDS[random.below(KINDS.length)] ?? 'pause';
    await expect.poll(() => progress(app), { timeout: 60_000, intervals: [50] }).not.toBeNull();
    await app.page.waitForTimeout(random.below(LONGEST_MS));
    const ended = (await progress(app)) === 'ended';
    if (!ended) {
      app = await stop(kind, app, (page) => new App(page, site, info));
      tally.stops[kind]++;
    }
    const over = app.train.button('Start training');
    if (kind !== 'pause' || ended) await expect(app.train.resumeUnfinished.or(over).or(app.train.button('Pause')).first()).toBeVisible({ timeout: 60_000 });
    if (await app.train.resumeUnfinished.isVisible()) await resumeRun(app);
    else if (await over.isVisible()) {
      await compared();
      await app.train.start();
    }
    console.log(`stop ${stops + 1}: ${ended ? 'it had ended' : kind}`);
  }
  await app.train.finished();
  await compared();
  if (process.env['TABTUNE_STOPS']) writeFileSync(RESULT, `${JSON.stringify({ backend: 'wasm', ...tally }, null, 2)}\n`);
});
