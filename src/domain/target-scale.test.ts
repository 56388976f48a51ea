/** Numbers are learned about 0 ± 1 whatever their unit, and come back; figures as numpy and scipy give them. */
import { describe, expect, it } from 'vitest';
import { Spread } from './spread';
import { IN_UNIT, inUnit, learnedOf, targetScaleOf } from './target-scale';

const spreadOf = (values: readonly number[]): Spread => {
  const spread = new Spread();
  values.forEach((value) => spread.add(value));
  return spread;
};

describe('a spread', () => {
  it('is numpy’s mean and std, and scipy’s skew', () => {
    const spread = spreadOf([1, 2, 4, 8, 16, 1000]);
    expect(spread.mean).toBeCloseTo(171.83333333333334, 10);
    expect(spread.standardDeviation).toBeCloseTo(370.40087142926046, 10);
    expect(spread.skewness).toBeCloseTo(1.7881292388000116, 10);
  });

  it('of equal numbers, or of one, has no skewness', () => {
    expect(spreadOf([0.1, 0.1, 0.1])).toMatchObject({ standardDeviation: 0, skewness: 0 });
    expect(spreadOf([7])).toMatchObject({ standardDeviation: 0, skewness: 0 });
  });
});

describe('a scale', () => {
  const shape = [-3, -1, 0, 2.5, 40];
  it.each([1, 100, 250_000, 1e12, 1e-9, -1])('of numbers times %d gives back the same standardised numbers', (unit) => {
    const values = shape.map((value) => value * unit);
    const scale = targetScaleOf(spreadOf(values), false);
    const learned = values.map((value) => learnedOf(scale, value));
    const plain = targetScaleOf(spreadOf(shape), false);
    learned.forEach((value, i) => expect(value).toBeCloseTo(Math.sign(unit) * learnedOf(plain, shape[i] ?? NaN), 12));
    learned.forEach((value, i) => expect(inUnit(scale, value) / unit).toBeCloseTo(shape[i] ?? NaN, 10));
  });

  it('of equal numbers, or of one, takes the mean away and leaves the rest', () => {
    expect(targetScaleOf(spreadOf([0.1, 0.1, 0.1]), false)).toEqual({ mean: 0.1, std: 1, log: false });
    expect(targetScaleOf(spreadOf([1e12]), false)).toEqual({ mean: 1e12, std: 1, log: false });
    expect(targetScaleOf(spreadOf([0, 0]), false)).toEqual(IN_UNIT);
  });

  it('of small numbers about 0 is theirs, however near to 0 their mean comes', () => {
    const scale = targetScaleOf(spreadOf([-1e-15, 1e-15, 1e-40]), false);
    expect(scale.std).toBeCloseTo(8.16e-16, 17);
  });

  it('of logarithms gives numbers back through exp', () => {
    const values = [1e-6, 1, 1e6];
    const scale = targetScaleOf(spreadOf(values.map(Math.log)), true);
    expect(scale.mean).toBeCloseTo(0, 12);
    for (const value of values) expect(inUnit(scale, learnedOf(scale, value)) / value).toBeCloseTo(1, 12);
  });

  it.each([[[1e200, -1e200]], [[1e-40, 3e-40]], [[1e300, 2e300]]])(
    'refuses %j, which 32 bits cannot hold',
    (values) => {
      expect(() => targetScaleOf(spreadOf(values), false)).toThrow(/out of reach/);
      const logs = values.map((value) => Math.log(Math.abs(value)));
      expect(() => targetScaleOf(spreadOf(logs), true)).toThrow(/out of reach/);
    },
  );
});
