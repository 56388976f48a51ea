/** The notices must come for runs that need them, and stay away from healthy ones. */
import { describe, expect, it } from 'vitest';
import type { StepRecord, ValidationRecord } from '../domain/run';
import { learningNotice } from './learning';

const run = (loss: (step: number) => number, count: number, totalSteps = count): StepRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    step: index + 1,
    totalSteps,
    epoch: (index + 1) / 10,
    loss: loss(index + 1),
    learningRate: 1e-3,
    gradientNorm: 1,
    examplesPerSecond: 10,
    tokensPerSecond: 100,
    elapsedMs: index * 100,
    remainingMs: 0,
    memoryBytes: 1,
  }));

const validated = (losses: number[]): ValidationRecord[] =>
  losses.map((loss, index) => ({
    step: index * 10,
    epoch: index,
    loss,
    metricName: 'accuracy',
    metricValue: 0.5,
    best: false,
  }));

describe('learningNotice', () => {
  it('is silent about a healthy run and about one that has just begun', () => {
    expect(
      learningNotice(
        run((step) => 2 / Math.sqrt(step), 100),
        validated([1, 0.6, 0.5]),
      ),
    ).toBeNull();
    expect(
      learningNotice(
        run(() => 2, 10, 100),
        [],
      ),
    ).toBeNull();
    expect(
      learningNotice(
        run(() => 2, 25, 1000),
        [],
      ),
    ).toBeNull();
  });

  it('says that a flat loss is not learning', () => {
    expect(
      learningNotice(
        run((step) => 1.95 + 0.02 * (step % 3), 60),
        [],
      )?.kind,
    ).toBe('not-learning');
  });

  it('says that a rising loss diverges', () => {
    expect(
      learningNotice(
        run((step) => 1 + step / 30, 60),
        [],
      )?.kind,
    ).toBe('diverging');
  });

  it('says that a rising validation loss over-fits', () => {
    expect(
      learningNotice(
        run((step) => 2 / step, 60),
        validated([0.5, 0.4, 0.5, 0.6]),
      )?.kind,
    ).toBe('over-fitting');
    expect(
      learningNotice(
        run((step) => 2 / step, 60),
        validated([0.5, 0.4, 0.5, 0.41]),
      ),
    ).toBeNull();
  });
});
