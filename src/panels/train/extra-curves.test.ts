/** What is named beside the loss: read from records, and dealt out to charts. */
import { describe, expect, it } from 'vitest';
import type { StepRecord } from '../../domain/run';
import { extraCharts, extrasOf } from './extra-curves';

const STEP: StepRecord = {
  step: 1,
  totalSteps: 2,
  epoch: 0.5,
  loss: 1,
  learningRate: 0.1,
  gradientNorm: 1,
  examplesPerSecond: 1,
  tokensPerSecond: 1,
  elapsedMs: 1,
  remainingMs: 1,
  memoryBytes: 1,
};

describe('extras of a step', () => {
  it('are none, those that are named, or those of preferences', () => {
    expect(extrasOf(STEP)).toEqual({});
    expect(extrasOf({ ...STEP, extras: { 'kl/mean': 0.5 } })).toEqual({ 'kl/mean': 0.5 });
    const rewards = { chosen: 1, rejected: -1, margins: 2, accuracies: 0.75 };
    expect(extrasOf({ ...STEP, rewards })).toEqual({
      'rewards/chosen': 1,
      'rewards/rejected': -1,
      'rewards/margins': 2,
      'rewards/accuracies': 0.75,
    });
  });
});

describe('charts of extras', () => {
  it('hold what begins alike, and shares apart', () => {
    expect(extraCharts(['rewards/chosen', 'rewards/rejected', 'rewards/accuracies', 'kl'])).toEqual([
      { title: 'Rewards', names: ['rewards/chosen', 'rewards/rejected'], shares: false },
      { title: 'rewards/accuracies', names: ['rewards/accuracies'], shares: true },
      { title: 'kl', names: ['kl'], shares: false },
    ]);
  });
});
