/** The real handlers on numbers of any scale: they are learned alike, and said in their own unit. */
import { describe, expect, it } from 'vitest';
import { must } from '../base/assert';
import { METHODS, taught } from '../testing/numbers';

describe.each(METHODS)('the method %s', (method) => {
  const once = { plain: null as ReturnType<typeof taught> | null };
  const plainly = (): ReturnType<typeof taught> => (once.plain ??= taught((points) => points, method));
  it.each([
    ['of 0 to 100', 100, 0],
    ['of prices', 250_000, 0],
    ['around a thousand', 30, 1000],
    ['huge', 1e12, 0],
    ['tiny', 1e-9, 0],
    ['negative', -40, -7],
  ])('learns numbers %s as it learns those of 0 to 1', async (_, unit, from) => {
    const plain = await plainly();
    const other = await taught((points) => points * unit + from, method);
    const sign = Math.sign(unit);
    if (sign > 0)
      other.run.steps.forEach(({ loss }, i) => expect(loss / must(plain.run.steps[i]).loss).toBeCloseTo(1, 3));
    expect(other.run.validations.map(({ loss }) => Number.isFinite(loss))).not.toContain(false);
    expect(other.baseline.metrics).toMatchObject({ task: 'regression' });
    if (sign > 0) {
      expect(other.tuned.r2).toBeCloseTo(plain.tuned.r2, 2);
      expect(other.tuned.mae / unit).toBeCloseTo(plain.tuned.mae, 3);
      expect((other.after - from) / unit).toBeCloseTo(plain.after, 3);
      expect((other.before - from) / unit).toBeCloseTo(plain.before, 3);
    } else expect(other.tuned.r2).toBeGreaterThan(plain.tuned.r2 - 0.2);
  });
});
