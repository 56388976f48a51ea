/** One contender's worker: counters first, then the library, then the steps that the page asks for. */
/// <reference lib="webworker" />
import type { FromWorker, Ran, Rates, RatesMessage, Runner, Started, StartMessage, ToWorker } from './lib/contract';
import { Counters, taskWhenIdle } from './lib/counters';
import { encoderPeer, peerFor } from './peers/registry';

const counters = new Counters(taskWhenIdle()).install(globalThis);
let runner: Runner | null = null;

async function start({ library, work, options }: StartMessage): Promise<Started> {
  runner = await (await peerFor(library, work)).open(work, options);
  return { device: runner.device, peakBytes: counters.counts.peakBytes };
}

async function run(steps: number): Promise<Ran> {
  if (!runner) throw new Error('The worker was not started.');
  const before = counters.counts;
  const begin = performance.now();
  const losses = await runner.run(steps);
  await counters.drained();
  const ms = performance.now() - begin;
  const { dispatches, submits, idleMs, bytes, peakBytes } = counters.counts;
  return {
    losses,
    ms,
    counts: {
      bytes,
      peakBytes,
      dispatches: dispatches - before.dispatches,
      submits: submits - before.submits,
      idleMs: idleMs - before.idleMs,
    },
  };
}

async function rates({ library, options }: RatesMessage): Promise<Rates> {
  if (library) return { gflops: await (await encoderPeer(library)).matmulRate(options), copyGigabytes: null };
  const { plainRates } = await import('./lib/rates');
  return plainRates(options.backend);
}

async function answer(message: ToWorker): Promise<Started | Ran | Rates> {
  switch (message.type) {
    case 'start':
      return start(message);
    case 'run':
      return run(message.steps);
    case 'rates':
      return rates(message);
  }
}

const post = (message: FromWorker): void => (self as unknown as DedicatedWorkerGlobalScope).postMessage(message);

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  answer(data).then(
    (value) => post({ ok: true, value }),
    (error: unknown) => post({ ok: false, reason: error instanceof Error ? error.message : String(error) }),
  );
};
