/** One contender's work on WebGPU in this process; see bench/in-node.mjs. */
import { Counters } from './lib/counters';
import { median } from './lib/timing';
import { CONTENDERS, WORKS, type Library } from './lib/work';
import { peerFor } from './peers/registry';

export interface Timed {
  library: Library;
  label: string;
  device: string | null;
  /** Milliseconds a step, of several rounds. */
  median: number;
  least: number;
  dispatches: number;
  submits: number;
  peakBytes: number;
  losses: number[];
}

/** Who can do a piece of work on WebGPU, ours first. */
export function contenders(work: string): Library[] {
  const kind = WORKS.find(({ name }) => name === work)?.kind;
  if (!kind) throw new Error(`Unknown work: ${work}. Known: ${WORKS.map(({ name }) => name).join(', ')}.`);
  return CONTENDERS.filter(({ backend, kinds }) => backend === 'webgpu' && kinds.includes(kind)).map(
    ({ library }) => library,
  );
}

/** @param steps of a round, of which there are `rounds` after one to warm up */
export async function timePeer(library: Library, workName: string, steps: number, rounds: number): Promise<Timed> {
  const work = WORKS.find(({ name }) => name === workName);
  const contender = CONTENDERS.find((each) => each.library === library && each.backend === 'webgpu');
  if (!work || !contender) throw new Error(`${library} and ${workName} do not go together.`);
  const counters = new Counters((mark) => {
    setImmediate(mark);
  }).install(globalThis);
  const runner = await (await peerFor(library, work)).open(work, { backend: 'webgpu', baseUrl: 'http://localhost/' });
  const losses = await runner.run(3);
  await counters.drained();
  const before = counters.counts;
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    losses.push(...(await runner.run(steps)));
    await counters.drained();
    times.push((performance.now() - start) / steps);
  }
  const { dispatches, submits, peakBytes } = counters.counts;
  const taken = steps * rounds;
  return {
    library,
    label: contender.label,
    device: runner.device,
    median: median(times),
    least: Math.min(...times),
    dispatches: (dispatches - before.dispatches) / taken,
    submits: (submits - before.submits) / taken,
    peakBytes,
    losses,
  };
}
