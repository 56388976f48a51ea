/** Each event of a run changes the state as the page needs it, and nothing else. */
import { must } from '../base/assert';
import { describe, expect, it } from 'vitest';
import type { TrainEvent } from '../domain/run';
import { applyEvents, NO_RUN, type RunState } from './run-state';

const start: RunState = { ...NO_RUN, status: 'preparing' };
const step = (number: number): TrainEvent => ({
  type: 'step',
  record: {
    step: number,
    totalSteps: 9,
    epoch: number / 3,
    loss: 1,
    learningRate: 1,
    gradientNorm: 1,
    examplesPerSecond: 1,
    tokensPerSecond: 1,
    elapsedMs: 1,
    remainingMs: 1,
    memoryBytes: 1,
  },
});
const play = (...events: TrainEvent[]): RunState => applyEvents(start, events);

describe('applyEvents', () => {
  it('keeps how steps are recorded', () => {
    const recording = { shapes: 3, dispatches: 190, bytes: 4096, reason: null };
    expect(play({ type: 'recorded', recording }).recording).toEqual(recording);
  });

  it('goes from preparing to training with the first step', () => {
    expect(play({ type: 'phase', phase: 'tokenizing', done: 1, total: 2 })).toMatchObject({
      status: 'preparing',
      phase: { name: 'tokenizing', done: 1, total: 2 },
    });
    expect(play(step(1)).status).toBe('training');
  });

  it('keeps every step in order, without touching the earlier state', () => {
    const first = play(step(1));
    const second = applyEvents(first, [step(2)]);
    expect(second.steps.map((record) => record.step)).toEqual([1, 2]);
    expect(first.steps).toHaveLength(1);
  });

  it('pauses, resumes and finishes', () => {
    expect(play(step(1), { type: 'paused', step: 1 }).status).toBe('paused');
    expect(play(step(1), { type: 'paused', step: 1 }, { type: 'resumed', step: 1 }).status).toBe('training');
    expect(play(step(1), { type: 'finished', reason: 'stopped', step: 1, bestStep: null })).toMatchObject({
      status: 'finishing',
      reason: 'stopped',
    });
  });

  it('does not take a pause for training when a late step arrives', () => {
    expect(play(step(1), { type: 'paused', step: 1 }, step(2)).status).toBe('paused');
  });

  it('brings back what an interrupted run had reported, and goes on behind it', () => {
    const earlier = play(step(1), step(2)).steps;
    const state = play({ type: 'restored', after: 'stop', steps: earlier, validations: [] }, step(3));
    expect(state.steps.map((record) => record.step)).toEqual([1, 2, 3]);
    expect(state).toMatchObject({ checkpoint: { step: 2, problem: null }, gpuLoss: null });
  });

  it('counts losses of the GPU, and goes on behind what was kept', () => {
    const [first] = play(step(1)).steps;
    const once = play(step(1), step(2), { type: 'restored', after: 'gpu-loss', steps: [], validations: [] });
    expect(once).toMatchObject({
      steps: [],
      checkpoint: { step: null, problem: null },
      gpuLoss: { count: 1, step: 0 },
    });
    expect(
      applyEvents(once, [{ type: 'restored', after: 'gpu-loss', steps: [must(first)], validations: [] }]),
    ).toMatchObject({ gpuLoss: { count: 2, step: 1 } });
  });

  it('remembers the last checkpoint when a later one could not be kept', () => {
    const problem = { code: 'storage', message: 'full' } as const;
    const state = play({ type: 'checkpoint', step: 4, problem: null }, { type: 'checkpoint', step: 8, problem });
    expect(state.checkpoint).toEqual({ step: 4, problem });
    expect(applyEvents(state, [{ type: 'checkpoint', step: 9, problem: null }]).checkpoint).toEqual({
      step: 9,
      problem: null,
    });
  });

  it('shows what was seen last', () => {
    expect(play({ type: 'look', step: 4, seen: ['a'] }, { type: 'look', step: 8, seen: ['b'] }).look).toEqual({
      step: 8,
      seen: ['b'],
    });
  });

  it('copies what was there once a batch, however many events it has, and leaves it alone', () => {
    let reads = 0;
    const known = play(...Array.from({ length: 1000 }, (_, place) => step(place + 1)));
    const watched: RunState = {
      ...known,
      steps: new Proxy(known.steps, {
        get(list, key, receiver) {
          if (typeof key === 'string' && /^\d+$/.test(key)) reads++;
          return Reflect.get(list, key, receiver) as unknown;
        },
      }),
    };
    const batch = Array.from({ length: 50 }, (_, place) => step(1001 + place));
    const next = applyEvents(watched, [...batch, { type: 'paused', step: 1050 }]);
    expect([next.steps.length, known.steps.length, reads]).toEqual([1050, 1000, 1000]);
    // Nothing about steps: the list is the one before, and what draws it need not look.
    expect(applyEvents(next, [{ type: 'resumed', step: 1050 }]).steps).toBe(next.steps);
  });
});
