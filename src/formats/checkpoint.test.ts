/** A run's state comes out of its file as it went in, bit for bit; what is no checkpoint is refused. */
import { describe, expect, it } from 'vitest';
import type { StepRecord, ValidationRecord } from '../domain/run';
import type { Checkpoint } from './checkpoint';
import { readCheckpoint, writeCheckpoint } from './checkpoint';
import { fromFloat32 } from './dtype';
import { writeSafetensors } from './safetensors';

const step: StepRecord = {
  step: 7,
  totalSteps: 9,
  epoch: 7 / 3,
  loss: 0.1 + 0.2,
  learningRate: 1e-7,
  gradientNorm: 5e-324,
  examplesPerSecond: 1,
  tokensPerSecond: 2,
  elapsedMs: 3.25,
  remainingMs: Infinity,
  memoryBytes: 4,
};
const validation: ValidationRecord = {
  step: 6,
  epoch: 2,
  loss: 0.5,
  metricName: 'Spearman',
  metricValue: NaN,
  best: true,
};
const bits = (name: string, ...values: number[]) => fromFloat32(name, [values.length], Float32Array.from(values));

const whole: Checkpoint = {
  progress: {
    step: 7,
    microStep: 13,
    epoch: 2,
    batch: 1,
    elapsedMs: 3.25,
    validatedAt: 6,
    sinceBest: 0,
    best: validation,
  },
  steps: [step],
  validations: [validation],
  kernels: { 'NT 64 × 32 × 32': 'any shape' },
  parameters: [bits('optimizer/odd name', -0, 1e-45, 3), bits('a.weight', 0.1)],
  moments: [bits('a.weight.exp_avg', 0.2), bits('a.weight.exp_avg_sq', 0.3)],
};

describe('a checkpoint file', () => {
  it('reads the figures of preferences as earlier versions recorded them', () => {
    const rewards = { chosen: 1, rejected: -1, margins: 2, accuracies: 0.5 };
    const old = { ...step, rewards };
    const { steps } = readCheckpoint(writeCheckpoint({ ...whole, steps: [old] }), 'x');
    expect(steps).toEqual([
      {
        ...step,
        extras: { 'rewards/chosen': 1, 'rewards/rejected': -1, 'rewards/margins': 2, 'rewards/accuracies': 0.5 },
      },
    ]);
  });

  it('gives back every bit, numbers included that JSON cannot write', () => {
    const { parameters, moments, ...rest } = readCheckpoint(writeCheckpoint(whole), 'x');
    expect(rest).toEqual({
      progress: whole.progress,
      steps: whole.steps,
      validations: whole.validations,
      kernels: whole.kernels,
    });
    for (const [found, given] of [
      [parameters, whole.parameters],
      [moments, whole.moments],
    ] as const) {
      expect(found.map(({ name }) => name).sort()).toEqual(given.map(({ name }) => name).sort());
      for (const tensor of given) expect(found.find(({ name }) => name === tensor.name)).toEqual(tensor);
    }
  });

  it('names no kernels where an earlier version wrote it', () => {
    const { progress, steps, validations } = whole;
    const earlier = writeSafetensors([], {
      checkpoint: '1',
      content: JSON.stringify({
        progress: { ...progress, best: null },
        steps: steps.map((record) => ({ ...record, remainingMs: 1 })),
        validations: validations.slice(1),
      }),
    });
    expect(readCheckpoint(earlier, 'x').kernels).toEqual({});
  });

  it('is written the same way each time', () => {
    expect(writeCheckpoint(whole)).toEqual(writeCheckpoint(structuredClone(whole)));
  });

  it('is refused when it is of another version, damaged, or something else', () => {
    const other = writeSafetensors([bits('a', 1)], { checkpoint: '2', content: '{}' });
    expect(() => readCheckpoint(other, 'x')).toThrow(
      expect.objectContaining({ code: 'unsupported', place: { file: 'x' } }) as Error,
    );
    expect(() => readCheckpoint(writeSafetensors([bits('a', 1)]), 'x')).toThrow(
      expect.objectContaining({ code: 'unsupported' }) as Error,
    );
    const bad = writeSafetensors([], { checkpoint: '1', content: JSON.stringify({ progress: { step: -1 } }) });
    expect(() => readCheckpoint(bad, 'x')).toThrow(expect.objectContaining({ code: 'bad-model' }) as Error);
    expect(() => readCheckpoint(writeCheckpoint(whole).subarray(0, -1), 'x')).toThrow(
      expect.objectContaining({ code: 'bad-model' }) as Error,
    );
  });
});
