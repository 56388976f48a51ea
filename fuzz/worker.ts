/**
 * Runs one target in a thread of its own and says through shared memory which case it is at, so that a hang is seen
 * from outside.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { TARGETS } from './targets';

const { name, cases, seed, beat } = workerData as {
  name: string;
  cases: number;
  seed: number;
  beat: SharedArrayBuffer;
};
const number = new Int32Array(beat, 0, 1);
let started = performance.now();
let slowestMs = 0;

const target = TARGETS.find((one) => one.name === name);
if (!target) throw new Error(`There is no target “${name}”.`);

try {
  const tally = await target.run({
    cases,
    seed,
    onCase: (at) => {
      const now = performance.now();
      if (at > 1) slowestMs = Math.max(slowestMs, now - started);
      started = now;
      Atomics.store(number, 0, at);
    },
  });
  parentPort?.postMessage({ tally, slowestMs, failure: null });
} catch (error) {
  parentPort?.postMessage({
    tally: null,
    slowestMs,
    failure:
      error instanceof Error
        ? `${error.message}\n${error.cause instanceof Error ? error.cause.message : ''}`
        : String(error),
  });
}
