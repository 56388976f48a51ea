/**
 * Random stops of random runs, a part of them inside a save that leaves a file cut off anywhere: each goes on to the
 * weights of the run that never stopped, and no acknowledged checkpoint is lost. TABTUNE_STOPS sets how many; `npm run
 * test:soak` makes it 200 and keeps the result.
 */
import { must } from '../base/assert';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SeededRandom } from '../base/random';
import type { LabelConfig } from '../domain/training-config';
import type { FileBox } from '../storage/files';
import type { Browser } from '../testing/browser';
import { killedWhen, NEVER, newBrowser, openTab, photograph, resume, weightsOf } from '../testing/browser';

const asked = process.env['TABTUNE_STOPS'];
const STOPS = Number(asked ?? 8);
const RESULT = join(process.cwd(), 'bench', 'results', 'soak-stops.json');

/** Runs of 15 to 30 steps that differ in what a checkpoint must hold. */
const RUNS: { method: LabelConfig['method']; settings: Partial<LabelConfig> }[] = [
  { method: 'full', settings: { epochs: 3, gradientAccumulation: 2, dropout: 0.1, validateEverySteps: 4 } },
  {
    method: 'full',
    settings: { epochs: 2, schedule: 'cosine', warmupRatio: 0.3, keepBest: false, classWeights: 'balanced' },
  },
  { method: 'lora', settings: { epochs: 3, gradientAccumulation: 3, dropout: 0.2, labelSmoothing: 0.1 } },
  {
    method: 'lora',
    settings: { epochs: 2, maxGradNorm: 0, weightDecay: 0, earlyStoppingPatience: 4, validateEverySteps: 2 },
  },
  { method: 'head', settings: { epochs: 3, validateEverySteps: 5 } },
];

/** Writes of checkpoints are seen by `amid`, which may leave them cut off. */
const torn = (files: FileBox, amid: (path: string, bytes: Uint8Array) => Promise<void>): FileBox => ({
  ...files,
  write: async (path, bytes) => {
    if (path.startsWith('checkpoints/')) await amid(path, bytes);
    await files.write(path, bytes);
  },
});

/**
 * The browser as a kill inside the `nth` write of a checkpoint leaves it: that file is cut off at a random place, the
 * manifest names the one before.
 */
async function killedInside(
  nth: number,
  random: SeededRandom,
  run: (typeof RUNS)[number],
): Promise<{ left: Browser; acknowledged: number }> {
  const browser = newBrowser();
  let writes = 0;
  let acknowledged = 0;
  const photos: { left: Browser; acknowledged: number }[] = [];
  const files = torn(browser.files, async (path, bytes) => {
    if (++writes !== nth) return;
    const left = await photograph(browser);
    await left.files.write(path, bytes.slice(0, random.below(bytes.length)));
    photos.push({ left, acknowledged });
  });
  await killedWhen({ ...browser, files }, run.method, run.settings, (event) => {
    if (event.type === 'checkpoint' && photos.length === 0) acknowledged = event.step;
    return photos.length > 0;
  });
  const [photo] = photos;
  if (!photo) throw new Error('No save was begun.');
  return photo;
}

async function killedAfter(step: number, run: (typeof RUNS)[number]): Promise<{ left: Browser; acknowledged: number }> {
  const left = await killedWhen(
    newBrowser(),
    run.method,
    run.settings,
    (event) => event.type === 'checkpoint' && event.step === step,
  );
  return { left, acknowledged: step };
}

it(`${STOPS} random stops change nothing and lose nothing`, async () => {
  const random = new SeededRandom(Number(process.env['TABTUNE_SEED'] ?? 7), 'stops');
  const expected = new Map<number, { weights: string; steps: number }>();
  const tally = { stops: 0, insideASave: 0, equal: 0, checkpointsLost: 0 };
  while (tally.stops < STOPS) {
    const index = random.below(RUNS.length);
    const run = must(RUNS[index]);
    if (!expected.has(index)) {
      const browser = newBrowser();
      const { run: whole } = await (await openTab(browser, NEVER)).train(run.method, run.settings);
      expected.set(index, { weights: await weightsOf(browser, whole.id), steps: whole.steps.length });
    }
    const { weights, steps } = must(expected.get(index));
    const inside = random.next() < 0.4;
    // A save can be cut short from the second on: before it there is nothing to go back to.
    const step = 2 + random.below(steps - 3);
    const { left, acknowledged } = inside ? await killedInside(step, random, run) : await killedAfter(step, run);
    const { found, answer } = await resume(left);
    tally.stops++;
    if (inside) tally.insideASave++;
    if (!found || found.step < acknowledged) tally.checkpointsLost++;
    if ((await weightsOf(left, (await answer).run.id)) === weights) tally.equal++;
    expect(tally, `a stop ${inside ? 'inside a save' : 'after a save'} at ${step} of ${run.method}`).toMatchObject({
      equal: tally.stops,
      checkpointsLost: 0,
    });
  }
  if (asked)
    writeFileSync(
      RESULT,
      `${JSON.stringify({ backend: 'cpu', storage: 'memory, torn on purpose', ...tally }, null, 2)}\n`,
    );
}, 3_600_000);
