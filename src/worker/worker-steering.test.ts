/** The real handlers asked through the client: pausing, stopping, cancelling, and what happens when a run fails. */
import { describe, expect, it } from 'vitest';
import { csv, predicted, prepared, tiny, until } from '../testing/session';

describe('steering a run', () => {
  it(
    'answers other requests while it trains, pauses and resumes within a step, and stops keeping what was ' + 'learned',
    async () => {
      const { client, train, events } = await prepared();
      const running = train('full', { epochs: 1000 });
      await until(() => events.some((event) => event.type === 'step'));
      expect((await client.request('rows', { from: 0, count: 1, filter: 'all' })).total).toBe(100);
      await client.request('pause', null);
      await until(() => events.at(-1)?.type === 'paused');
      const stepsAtPause = events.filter((event) => event.type === 'step').length;
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(events.filter((event) => event.type === 'step').length).toBe(stepsAtPause);
      await client.request('resume', null);
      await until(() => events.filter((event) => event.type === 'step').length > stepsAtPause);
      await client.request('stopAndKeep', null);
      const { run, reason, unsaved } = await running;
      expect(reason).toBe('stopped');
      expect(unsaved).toBeNull();
      expect(run.steps.length).toBe(events.filter((event) => event.type === 'step').length);
      expect(await client.request('listRuns', null)).toHaveLength(1);
    },
  );

  it('cancels, also while paused, and keeps nothing', async () => {
    const { client, train, events } = await prepared();
    const abort = new AbortController();
    const running = train('full', { epochs: 1000 }, abort.signal);
    await until(() => events.some((event) => event.type === 'step'));
    await expect(train('full')).rejects.toMatchObject({ code: 'bad-config' });
    await client.request('pause', null);
    await until(() => events.at(-1)?.type === 'paused');
    abort.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(await client.request('listRuns', null)).toEqual([]);
    await expect(client.request('evaluate', null)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('refuses settings that cannot work before anything starts', async () => {
    const { train } = await prepared(csv(40));
    await expect(train('full', { learningRate: -1 })).rejects.toMatchObject({ code: 'bad-config' });
    await expect(train('full', { maxLength: 64 })).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringContaining('32') as string,
    });
  });

  it('stops with a plain error when the loss is not a number, and the run before it stays', async () => {
    const { client, train } = await prepared();
    await train('full', { epochs: 1 });
    await client.request('loadModel', tiny('food'));
    await expect(train('full')).rejects.toMatchObject({
      code: 'numbers',
      message: expect.stringContaining('step') as string,
    });
    expect(await client.request('listRuns', null)).toHaveLength(1);
    expect((await predicted(client, { text: 'good', textPair: null })).after).toHaveLength(2);
  });
});
