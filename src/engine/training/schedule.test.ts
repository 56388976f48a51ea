import { expect, it } from 'vitest';
import { learningRateAt, warmupSteps } from './schedule';

it('rises over the warm-up and falls to zero as transformers schedules do', () => {
  // From the parity fixtures: 5 warm-up steps of 50 at 5e-3.
  const linear = [0, 1, 5, 6, 49].map((step) => learningRateAt(step, 5e-3, 'linear', 5, 50));
  [0, 0.001, 0.005, 0.004888888888888889, 0.00011111111111111112].forEach((rate, i) =>
    expect(linear[i]).toBeCloseTo(rate, 12),
  );
  expect(learningRateAt(25, 1, 'cosine', 0, 50)).toBeCloseTo(0.5, 12);
  expect(learningRateAt(50, 1, 'cosine', 0, 50)).toBeCloseTo(0, 12);
  expect(learningRateAt(49, 1, 'constant', 0, 50)).toBe(1);
  expect(warmupSteps(0.1, 132)).toBe(13);
});
