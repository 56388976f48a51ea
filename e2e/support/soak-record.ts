/**
 * The record of the mixed stops, bench/results/soak-mixed.json: a part for each backend and choice of kinds, made of
 * slices that may be run one at a time.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StopKind } from './stopped-run';

export interface Tally {
  stops: number;
  kinds: Partial<Record<StopKind, number>>;
  /** Stops that left a save half done. */
  insideASave: number;
  /** Runs that were stopped and have ended, and how many of them came to what the undisturbed one did. */
  runs: number;
  equal: number;
  checkpointsLost: number;
}

export interface Slice extends Tally {
  /** The stops before it. */
  from: number;
  seed: number;
  browser: string;
}

type Kept = Record<string, Tally & { slices: Slice[] }>;

const RECORD = join(import.meta.dirname, '..', '..', 'bench', 'results', 'soak-mixed.json');
const NOTHING: Tally = { stops: 0, kinds: {}, insideASave: 0, runs: 0, equal: 0, checkpointsLost: 0 };

const sum = (a: Tally, b: Tally): Tally => {
  const kinds = { ...a.kinds };
  for (const [kind, count] of Object.entries(b.kinds) as [StopKind, number][]) kinds[kind] = (kinds[kind] ?? 0) + count;
  const { stops, insideASave, runs, equal, checkpointsLost } = b;
  return {
    stops: a.stops + stops,
    kinds,
    insideASave: a.insideASave + insideASave,
    runs: a.runs + runs,
    equal: a.equal + equal,
    checkpointsLost: a.checkpointsLost + checkpointsLost,
  };
};

/** Writes a slice into the record, in the place of the one that began where it does. */
export function record(part: string, slice: Slice): void {
  const kept: Kept = existsSync(RECORD) ? (JSON.parse(readFileSync(RECORD, 'utf8')) as Kept) : {};
  const slices = [...(kept[part]?.slices.filter(({ from }) => from !== slice.from) ?? []), slice].sort(
    (a, b) => a.from - b.from,
  );
  kept[part] = { ...slices.reduce<Tally>(sum, NOTHING), slices };
  writeFileSync(RECORD, `${JSON.stringify(kept, null, 1)}\n`);
}
