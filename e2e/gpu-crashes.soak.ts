/** A run on WebGPU whose GPU process crashes again and again: it ends with the very weights of one that was left alone. TABTUNE_GPU_CRASHES says how often. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keptStep, prepareRun, weightHashes } from './support/interrupted';
import { launchOptions } from './support/launch';
import { expect, test } from './support/test';

const options = launchOptions(true);
// Else Chromium takes WebGPU away from a page after its second crash: the run then stops with the reason, and can be resumed.
test.use({ backend: 'webgpu', launchOptions: { ...options, args: [...(options.args ?? []), '--disable-gpu-process-crash-limit', '--disable-domain-blocking-for-3d-apis'] } });

const CRASHES = Number(process.env['TABTUNE_GPU_CRASHES'] ?? 2);
const RESULT = join(import.meta.dirname, '..', 'bench', 'results', 'soak-gpu.json');
/** Two steps each; enough of them that the run outlives its crashes. */
const EPOCHS = 10 * CRASHES;

test(`${CRASHES} crashes of the GPU process change nothing`, async ({ app, browser }) => {
  await prepareRun(app, EPOCHS);
  await app.train.start();
  await app.train.finished(1_200_000);
  const [expected] = await weightHashes(app);
  await app.go('train');
  await app.train.start();
  const notice = app.page.getByTestId('gpu-loss');
  for (let crash = 1; crash <= CRASHES; crash++) {
    await expect(app.line('train')).toHaveText(/^Step [1-9]/, { timeout: 120_000 });
    // A pause is kept, so that each crash has something new to go on from.
    await app.train.button('Pause').click();
    await expect(app.line('train')).toHaveText(/^Paused at step/);
    const kept = await keptStep(app);
    const devtools = await browser.newBrowserCDPSession();
    await devtools.send('Browser.crashGpuProcess').catch(() => undefined);
    await app.train.button('Resume').click();
    await expect(notice).toContainText(`went on from step ${kept?.toLocaleString('en')}`, { timeout: 120_000 });
    console.log(`crash ${crash}: went on from step ${kept}`);
  }
  await app.train.finished(1_200_000);
  const hashes = await weightHashes(app);
  expect([hashes.length, new Set(hashes)]).toEqual([2, new Set([expected])]);
  if (process.env['TABTUNE_GPU_CRASHES']) writeFileSync(RESULT, `${JSON.stringify({ backend: 'webgpu', adapter: 'software', crashes: CRASHES, runs: hashes.length, differentWeights: new Set(hashes).size - 1 }, null, 2)}\n`);
});
