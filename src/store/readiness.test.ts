/** The line of each step says what it knows, or what is missing. */
import { describe, expect, it } from 'vitest';
import type { DatasetInfo } from '../domain/dataset';
import type { ModelInfo } from '../domain/model';
import { stepLines, type Known } from './readiness';

const nothing: Known = {
  data: null,
  dataBusy: false,
  model: null,
  modelBusy: false,
  status: 'idle',
  progress: null,
  run: null,
  evaluation: null,
  builtExports: 0,
};
const data = {
  usableRows: 1412,
  labels: [{}, {}, {}, {}],
  mapping: {
    lesson: 'classify',
    task: 'single-label',
    text: 'text',
    textPair: null,
    labels: ['label'],
    labelLayout: 'column',
    split: null,
  },
  health: { blocker: null },
} as unknown as DatasetInfo;
const model = {
  name: 'MiniLM-L6',
  parameters: 22_713_216,
  head: { modules: [], labels: null },
} as unknown as ModelInfo;

describe('stepLines', () => {
  it('names what is missing', () => {
    expect(stepLines(nothing).train).toEqual({ text: 'Needs data and a model', state: 'missing' });
    expect(stepLines({ ...nothing, data }).train.text).toBe('Needs a model');
    expect(stepLines({ ...nothing, model }).train.text).toBe('Needs data');
  });

  it('says what it knows', () => {
    const lines = stepLines({ ...nothing, data, model });
    expect(lines.data.text).toBe('1,412 examples, 4 labels');
    expect(lines.model.text).toBe('MiniLM-L6, 22.7 M parameters');
    expect(lines.train).toEqual({ text: 'Ready to start', state: 'ready' });
  });

  it('does not call data ready that cannot be trained on', () => {
    const blocked = { ...data, health: { ...data.health, blocker: 'Only one label.' } };
    expect(stepLines({ ...nothing, data: blocked, model })).toMatchObject({
      data: { state: 'problem' },
      train: { state: 'missing' },
    });
  });

  it('follows a run', () => {
    expect(
      stepLines({ ...nothing, data, model, status: 'training', progress: { step: 12, totalSteps: 30 } }).train.text,
    ).toBe('Step 12 of 30');
    expect(
      stepLines({ ...nothing, data, model, status: 'paused', progress: { step: 12, totalSteps: 30 } }).train.text,
    ).toBe('Paused at step 12');
    expect(stepLines({ ...nothing, data, model, status: 'failed' }).train.state).toBe('problem');
  });
});
