/**
 * Runs that are stopped in every way there is, at moments drawn by chance: each goes on to the very weights and losses
 * of one that was left alone, and no checkpoint that the page has called kept is lost. In slices that stand alone, each
 * with a browser and a profile of its own. TABTUNE_STOPS, TABTUNE_FROM, TABTUNE_BACKEND, TABTUNE_KINDS and TABTUNE_SEED
 * say how many, after how many earlier ones, on what, and which.
 */
import { expect, test } from '@playwright/test';
import { SeededRandom } from '../src/base/random';
import { EMPTY_SESSION } from '../src/store/session';
import { KillableBrowser } from './support/killable';
import { openSite } from './support/site';
import { record, type Slice } from './support/soak-record';
import { STOP_KINDS, StoppedRuns } from './support/stopped-run';

const env = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const STOPS = env('TABTUNE_STOPS', 10);
const FROM = env('TABTUNE_FROM', 0);
const SEED = env('TABTUNE_SEED', 7);
const BACKEND = process.env['TABTUNE_BACKEND'] === 'wasm' ? 'wasm' : 'webgpu';
const ASKED = (process.env['TABTUNE_KINDS'] ?? '').split(',').filter(Boolean);
const KINDS = STOP_KINDS.filter(
  (kind) => (BACKEND === 'webgpu' || kind !== 'GPU crash') && (ASKED.length === 0 || ASKED.includes(kind)),
);
if (KINDS.length < (ASKED.length || 1))
  throw new Error(`Unknown kinds of stops in “${ASKED.join(', ')}”. There are ${STOP_KINDS.join(', ')}.`);
/** Its part of the record. */
const NAME = [BACKEND, ...ASKED].join(', ');
const SLICE = 25;
/** Two steps each: room for a stop or two, and soon compared. */
const EPOCHS = BACKEND === 'webgpu' ? 14 : 300;
/** One stop in so many is followed by another one of the same run. */
const AGAIN = 3;

for (let from = FROM; from < FROM + STOPS; from += SLICE) {
  const wanted = Math.min(SLICE, FROM + STOPS - from);
  test(`${wanted} stops after ${from} change nothing on ${BACKEND}`, async ({}, info) => {
    const random = new SeededRandom(SEED, `stops after ${from}`);
    const site = await openSite();
    // The settings lie in the session from the start: a kill comes before the browser has written down what is changed
    // in it.
    const changes = { ...EMPTY_SESSION.changes, 'classify.full': { epochs: EPOCHS, gradientAccumulation: 2 } };
    const session = JSON.stringify({
      ...EMPTY_SESSION,
      hubUrl: site.hubUrl,
      backendOverride: BACKEND,
      method: 'full',
      changes,
    });
    const browser = new KillableBrowser(session, { webgpu: BACKEND === 'webgpu' });
    const slice: Slice = {
      from,
      seed: SEED,
      browser: '',
      stops: 0,
      kinds: {},
      insideASave: 0,
      runs: 0,
      equal: 0,
      checkpointsLost: 0,
    };
    try {
      const runs = await StoppedRuns.open({ browser, site, info, random, epochs: EPOCHS });
      slice.browser = browser.version;
      await runs.start();
      const [expected] = await runs.end();
      while (slice.stops < wanted) {
        await runs.start();
        let again = false;
        do {
          const kind = KINDS[random.below(KINDS.length)] ?? 'pause';
          const { missed, insideASave, lost, ended } = await runs.stop(kind, again);
          console.log(
            `${from + slice.stops}: ` +
              `${kind}${missed ? ', too late' : ''}${insideASave ? ' inside a save' : ''}${lost ? ', LOST' : ''}${ended ? ', ended' : ''}`,
          );
          if (!missed) {
            slice.stops++;
            slice.kinds[kind] = (slice.kinds[kind] ?? 0) + 1;
          }
          if (insideASave) slice.insideASave++;
          if (lost) slice.checkpointsLost++;
          again = !ended && slice.stops < wanted && random.below(AGAIN) === 0;
        } while (again);
        const finished = await runs.end();
        slice.runs++;
        // Every run is there, once, and all are the same.
        if (finished.length === slice.runs + 1 && finished.every((hash) => hash === expected)) slice.equal++;
        expect({ ...slice, finished: [...new Set(finished)] }).toMatchObject({
          checkpointsLost: 0,
          equal: slice.runs,
          finished: [expected],
        });
      }
    } finally {
      if (process.env['TABTUNE_STOPS'] && slice.runs > 0) record(NAME, slice);
      await browser.remove();
      await site.close();
    }
  });
}
