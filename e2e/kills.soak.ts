/**
 * A run under which the whole browser is killed again and again, most times inside a save: every checkpoint that the page has called safe is
 * there afterwards, whole, and the run ends with the very weights of one that was left alone. TABTUNE_KILLS says how many.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { SeededRandom } from '../src/base/random';
import { EMPTY_SESSION } from '../src/store/session';
import { App } from './pages/app';
import { prepareRun, progress, resumeRun, weightHashes } from './support/interrupted';
import { keptCheckpoint } from './support/kept-checkpoint';
import { KillableBrowser } from './support/killable';
import { openSite } from './support/site';

const KILLS = Number(process.env['TABTUNE_KILLS'] ?? 3);
const RESULT = join(import.meta.dirname, '..', 'bench', 'results', 'soak-kills.json');
/** 2,000 steps; a run that reaches its end is compared, and another one takes its place. */
const EPOCHS = 1000;
/** From the first checkpoint of a session to its kill, at most. */
const LONGEST_MS = 400;

/** Saves without a pause, as a page that is hidden again and again would. */
const saveWithoutEnd = (app: App): Promise<void> =>
  app.page.evaluate(() => {
    setInterval(() => document.dispatchEvent(new Event('freeze')), 5);
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
  });

test(`${KILLS} kills of the browser lose nothing`, async ({}, info) => {
  const site = await openSite();
  const random = new SeededRandom(Number(process.env['TABTUNE_SEED'] ?? 7), 'kills');
  const session = JSON.stringify({ ...EMPTY_SESSION, hubUrl: site.hubUrl, backendOverride: 'wasm' });
  const browser = new KillableBrowser();
  const tally = { kills: 0, insideASave: 0, checkpointsLost: 0, runsEnded: 0, runsEqual: 0 };
  let expected: string | undefined;
  try {
    let app = new App(await browser.start(session), site, info);
    await prepareRun(app, EPOCHS);
    await app.train.start();
    await app.train.finished();
    [expected] = await weightHashes(app);
    await app.go('train');
    await app.train.start();
    while (tally.kills < KILLS) {
      await expect.poll(() => progress(app), { timeout: 60_000, intervals: [50] }).not.toBeNull();
      await saveWithoutEnd(app);
      await app.page.waitForTimeout(random.below(LONGEST_MS));
      const seen = await progress(app);
      const acknowledged = typeof seen === 'number' ? seen : 0;
      await browser.kill();
      const page = await browser.start(session);
      const found = await keptCheckpoint(page, `${site.url}../outside`);
      tally.kills++;
      if (found?.insideASave) tally.insideASave++;
      if (found && (!found.whole || found.step < acknowledged)) tally.checkpointsLost++;
      app = new App(page, site, info);
      await app.open();
      if (found) await resumeRun(app);
      else {
        // It had ended before the kill: then there is one more run, the first one counted.
        tally.runsEnded++;
        const hashes = await weightHashes(app);
        if (hashes.length === tally.runsEnded + 1 && hashes.every((hash) => hash === expected)) tally.runsEqual++;
        // What was open may be forgotten: a kill comes before the browser has written that down.
        await prepareRun(app, EPOCHS);
        await app.train.start();
      }
      console.log(`kill ${tally.kills}: ${tally.insideASave} inside a save, kept at step ${found?.step ?? 'the end'}`);
      expect(tally, `kill ${tally.kills}`).toMatchObject({ checkpointsLost: 0, runsEqual: tally.runsEnded });
    }
    await app.train.finished();
    tally.runsEnded++;
    const hashes = await weightHashes(app);
    if (hashes.length === tally.runsEnded + 1 && hashes.every((hash) => hash === expected)) tally.runsEqual++;
    expect(tally).toMatchObject({ checkpointsLost: 0, runsEqual: tally.runsEnded });
    if (process.env['TABTUNE_KILLS']) writeFileSync(RESULT, `${JSON.stringify({ browser: app.page.context().browser()?.version(), backend: 'wasm', ...tally }, null, 2)}\n`);
  } finally {
    await browser.remove();
    await site.close();
  }
});
