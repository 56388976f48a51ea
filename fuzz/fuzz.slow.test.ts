/** Some thousand cases of every fuzz target; `npm run test:fuzz` runs 100,000 of each under a watch for hangs. */
import { describe, expect, it } from 'vitest';
import { TARGETS } from './targets';

const CASES = Number(process.env['TABTUNE_FUZZ_CASES'] ?? 2000);
const SEED = Number(process.env['TABTUNE_FUZZ_SEED'] ?? 4711);

describe('random and spoilt input', () => {
  it.each(TARGETS.map((target) => [target.name, target] as const))('%s', { timeout: 120_000 }, async (_, target) => {
    const { cases, accepted, refused } = await target.run({ cases: CASES, seed: SEED });
    expect(cases).toBe(CASES);
    // A target that only ever sees one of the two tests nothing.
    expect(accepted).toBeGreaterThan(CASES / 100);
    if (target.refuses) expect(refused).toBeGreaterThan(CASES / 100);
  });

  it('has a name of its own for every target', () =>
    expect(new Set(TARGETS.map(({ name }) => name)).size).toBe(TARGETS.length));
});
