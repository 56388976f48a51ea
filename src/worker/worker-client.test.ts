/**
 * The client against the real message server with small handlers: answers, errors, cancelling, progress, a dying
 * worker.
 */
import { describe, expect, it, vi } from 'vitest';
import { TabtuneError } from '../base/errors';
import type { Progress } from './link/protocol';
import { WorkerClient } from './link/client';
import { breathe } from './link/server';
import type { Handlers } from './link/server';
import { TestWorker } from '../testing/worker';

/** Handlers of which only the named ones may be asked. */
function handlersWith(some: Partial<Handlers>): Handlers {
  const refuse = (): never => {
    throw new TabtuneError('internal', 'not part of this test');
  };
  return new Proxy(some, { get: (target, name) => (Reflect.get(target, name) as unknown) ?? refuse }) as Handlers;
}

function connect(some: Partial<Handlers>): { client: WorkerClient; workers: TestWorker[] } {
  const workers: TestWorker[] = [];
  const client = new WorkerClient(() => {
    const worker = new TestWorker(handlersWith(some));
    workers.push(worker);
    return worker;
  });
  return { client, workers };
}

describe('WorkerClient', () => {
  it('gives each request its own answer, whatever the order of answers', async () => {
    const { client } = connect({
      rowSeen: async ({ row }) => {
        await new Promise((resolve) => setTimeout(resolve, 20 - row));
        return `row ${row}`;
      },
    });
    const answers = await Promise.all([1, 10, 20].map((row) => client.request('rowSeen', { row, config: null })));
    expect(answers).toEqual(['row 1', 'row 10', 'row 20']);
  });

  it('rejects with the typed error of the handler', async () => {
    const { client } = connect({
      closeData: async () => {
        throw new TabtuneError('bad-data', 'Row 3 is broken.', { place: { file: 'a.csv', row: 3 }, fix: 'Mend it.' });
      },
    });
    const failure = await client.request('closeData', null).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(TabtuneError);
    expect(failure).toMatchObject({
      code: 'bad-data',
      message: 'Row 3 is broken.',
      place: { file: 'a.csv', row: 3 },
      fix: 'Mend it.',
    });
  });

  it('cancels a running request through its signal, and leaves others alone', async () => {
    const { client } = connect({
      clearModelCache: async (_, { signal }) => {
        for (;;) await breathe(signal);
      },
      closeData: async () => null,
    });
    const abort = new AbortController();
    const endless = client.request('clearModelCache', null, { signal: abort.signal });
    expect(await client.request('closeData', null)).toBeNull();
    abort.abort();
    await expect(endless).rejects.toMatchObject({ code: 'cancelled' });
    await expect(client.request('closeData', null, { signal: abort.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  it(
    'passes progress and training events to the request they belong to, progress at most ten times a ' + 'second',
    async () => {
      const { client } = connect({
        clearModelCache: async (_, context) => {
          for (let done = 0; done <= 1000; done++)
            context.progress({ label: 'Deleting', done, total: 1000, unit: 'files' });
          context.trainEvent({ type: 'paused', step: 7 });
          return null;
        },
      });
      const seen: Progress[] = [];
      const onTrainEvent = vi.fn();
      await client.request('clearModelCache', null, { onProgress: (progress) => seen.push(progress), onTrainEvent });
      expect(seen[0]?.done).toBe(0);
      expect(seen.at(-1)?.done).toBe(1000);
      expect(seen.length).toBeLessThan(10);
      expect(onTrainEvent).toHaveBeenCalledExactlyOnceWith({ type: 'paused', step: 7 });
    },
  );

  it('adds up traffic', async () => {
    const { client, workers } = connect({ closeData: async () => null });
    await client.request('closeData', null);
    const seen: number[] = [];
    client.onTraffic((traffic) => seen.push(traffic.sentBytes + traffic.receivedBytes));
    workers[0]?.post({ type: 'traffic', sentBytes: 5, receivedBytes: 10 });
    workers[0]?.post({ type: 'traffic', sentBytes: 1, receivedBytes: 0 });
    await vi.waitFor(() => expect(seen).toEqual([0, 15, 16]));
  });

  it(
    'rejects everything pending when the worker dies, says so, and starts a fresh worker for the next ' + 'request',
    async () => {
      let asked = 0;
      const { client, workers } = connect({
        closeData: () => (++asked === 1 ? new Promise(() => undefined) : Promise.resolve(null)),
      });
      const onCrash = vi.fn();
      client.onCrash(onCrash);
      const pending = client.request('closeData', null);
      await vi.waitFor(() => expect(asked).toBe(1));
      workers[0]?.crash('out of memory');
      await expect(pending).rejects.toMatchObject({
        code: 'internal',
        message: expect.stringContaining('out of memory') as string,
      });
      expect(onCrash).toHaveBeenCalledOnce();
      expect(workers[0]?.terminated).toBe(true);
      expect(await client.request('closeData', null)).toBeNull();
      expect(workers).toHaveLength(2);
    },
  );
});
