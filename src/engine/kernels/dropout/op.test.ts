import { expect, it } from 'vitest';
import { checkKernel } from '../../../testing/kernel-check';
import { dropoutFactors, dropoutKey } from './mask';
import { dropout } from './op';

checkKernel('dropout', [
  { name: 'a tenth', shapes: [[17, 9]], run: (x) => dropout(x, dropoutKey(0.1, 1, 2, 3)), numeric: true },
  { name: 'half', shapes: [[1000]], run: (x) => dropout(x, dropoutKey(0.5, 5, 0, 0)) },
]);

it('drops the asked share, differently for each step, alike for the same key', () => {
  const factors = dropoutFactors(dropoutKey(0.25, 9, 4, 1), 20_000);
  expect(factors.filter((factor) => factor === 0).length / factors.length).toBeCloseTo(0.25, 1);
  expect(factors.reduce((sum, factor) => sum + factor, 0) / factors.length).toBeCloseTo(1, 1);
  expect(dropoutFactors(dropoutKey(0.25, 9, 4, 1), 20_000)).toEqual(factors);
  expect(dropoutFactors(dropoutKey(0.25, 9, 5, 1), 20_000)).not.toEqual(factors);
});
