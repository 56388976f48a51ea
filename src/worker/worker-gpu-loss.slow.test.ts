/**
 * The real handlers on a GPU that is lost: the run goes on to the same bits, and one that is lost again and again ends
 * with what was kept.
 */
import { describe, expect, it } from 'vitest';
import { must } from '../base/assert';
import type { TrainEvent } from '../domain/run';
import { gpuBackend } from '../engine/backend/gpu-backend';
import { openInNode, whyNotInNode } from '../testing/node-backends';
import { Storage } from '../storage/storage';
import type { CheckpointPolicy } from './run/checkpoints';
import type { WorkerClient } from './link/client';
import type { TrainResult } from './link/protocol';
import type { Browser } from '../testing/browser';
import { ALWAYS, NEVER, newBrowser, weightsOf } from '../testing/browser';
import { config, csv, newClient, SETTINGS, tiny } from '../testing/session';

const missing = whyNotInNode('webgpu');
const ON_GPU = { ...SETTINGS, backendOverride: 'webgpu' } as const;
const loseGpu = (): void => must(gpuBackend(), 'WebGPU').device.destroy();

async function openTab({ files, records, modelFiles }: Browser, policy: CheckpointPolicy): Promise<WorkerClient> {
  await openInNode('webgpu');
  const client = newClient(new Storage(files, records), modelFiles, policy);
  expect(await client.request('start', ON_GPU)).toMatchObject({ chosen: 'webgpu' });
  await client.request('openData', csv(100));
  await client.request('loadModel', tiny());
  return client;
}

/** Five steps of all weights; `see` is told each event. */
const train = (client: WorkerClient, see: (event: TrainEvent) => void): Promise<TrainResult> =>
  client.request(
    'train',
    { config: config('full', { epochs: 1, batchSize: 16, dropout: 0.1 }), runName: 'moods' },
    { onTrainEvent: see },
  );

/** What a run comes to that lost nothing. */
async function undisturbed(): Promise<{ weights: string; losses: number[][] }> {
  const browser = newBrowser();
  const { run } = await train(await openTab(browser, NEVER), () => undefined);
  return { weights: await weightsOf(browser, run.id), losses: run.steps.map(({ step, loss }) => [step, loss]) };
}
let known: ReturnType<typeof undisturbed> | null = null;
const expected = (): ReturnType<typeof undisturbed> => (known ??= undisturbed());

const restarts = (events: readonly TrainEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'restored' && event.after === 'gpu-loss' ? [event.steps.length] : []));

describe.skipIf(missing !== null)(missing ? `a run whose GPU is lost: ${missing}` : 'a run whose GPU is lost', () => {
  it(
    'goes on from its last checkpoint, or from its beginning, to the same weights as the run that lost ' + 'nothing',
    async () => {
      const { weights, losses } = await expected();
      for (const [policy, from] of [
        [ALWAYS, 2],
        [NEVER, 0],
      ] as const) {
        const browser = newBrowser();
        const client = await openTab(browser, policy);
        const events: TrainEvent[] = [];
        let lost = false;
        const { run } = await train(client, (event) => {
          events.push(event);
          if (event.type !== 'step' || event.record.step !== 3 || lost) return;
          lost = true;
          loseGpu();
        });
        const [restart] = restarts(events);
        expect(restarts(events)).toHaveLength(1);
        // The event is told a little after the fact: more may have been kept by then.
        expect(restart).toBeGreaterThanOrEqual(from);
        if (policy === NEVER) expect(restart).toBe(0);
        expect(run.steps.map(({ step, loss }) => [step, loss])).toEqual(losses);
        expect(await weightsOf(browser, run.id)).toBe(weights);
        // What comes after the run finds a GPU as well.
        loseGpu();
        expect(await client.request('evaluate', null)).toMatchObject({ tuned: { loss: expect.any(Number) as number } });
      }
    },
  );

  it('ends after losses without progress, with what was kept to go on from', async () => {
    const browser = newBrowser();
    const client = await openTab(browser, ALWAYS);
    const events: TrainEvent[] = [];
    let kept = 0;
    const failing = train(client, (event) => {
      events.push(event);
      if (event.type === 'checkpoint') kept = event.step;
      if (kept >= 2 && (event.type === 'step' || event.type === 'phase')) loseGpu();
    });
    await expect(failing).rejects.toMatchObject({
      code: 'device',
      message: expect.stringContaining('3 times') as string,
    });
    const [unfinished] = await client.request('listUnfinished', null);
    expect(unfinished?.step).toBeGreaterThanOrEqual(2);
    const { run } = await client.request('resumeRun', { id: unfinished?.start.id ?? '' });
    expect(await weightsOf(browser, run.id)).toBe((await expected()).weights);
  });
});
