/**
 * A run that stopped goes on from its state, in a fresh model, to the same bits as the run that never stopped: at every
 * step's edge.
 */
import { must } from '../base/assert';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../base/bytes';
import type { BackendName } from '../domain/device';
import type { LoopEvent } from './training/wishes';
import type { Method, LabelConfig } from '../domain/training-config';
import { writeSafetensors } from '../formats/safetensors';
import type { NamedTensor } from '../formats/tensor';
import { buildModel } from './build-model';
import { openInNode, whyNotInNode } from '../testing/node-backends';
import { AdamW } from './training/optimizer';
import { checkpoint, CONFIG } from '../testing/checkpoint';
import { drive, exampleRows, testSettings } from '../testing/training';
import { classification } from './learners/classification';
import { train } from './training/loop';
import type { TrainingState } from './types';

const hashOf = (tensors: readonly NamedTensor[]): Promise<string> => sha256Hex(writeSafetensors(tensors));

/** What must be equal of an event: everything but the clock's and the memory's figures. */
function timeless(event: LoopEvent): unknown {
  if (event.type !== 'step') return event;
  const { step, totalSteps, epoch, loss, learningRate, gradientNorm } = event.record;
  return { step, totalSteps, epoch, loss, learningRate, gradientNorm };
}

/** A state as one line of hashes and counters. */
async function fingerprint({ progress, parameters, moments, best }: TrainingState): Promise<string> {
  return JSON.stringify([
    { ...progress, elapsedMs: 0 },
    await hashOf(parameters),
    await hashOf(moments),
    await hashOf(best),
  ]);
}

interface Passage {
  /** By number of steps done. */
  states: Map<number, TrainingState>;
  fingerprints: Map<number, string>;
  events: LoopEvent[];
  weights: string;
}

/** Trains a fresh model, from the state where given, and looks at every edge. */
async function pass(config: LabelConfig, from: TrainingState | null): Promise<Passage> {
  const model = await buildModel({
    config: CONFIG,
    tensors: checkpoint(),
    task: 'single-label',
    labels: ['no', 'yes'],
    training: config,
  });
  const passage: Passage = { states: new Map(), fingerprints: new Map(), events: [], weights: '' };
  try {
    const data = { train: exampleRows(40, 1), validation: exampleRows(16, 2) };
    const learner = classification(model, data, config, new AbortController().signal);
    const events = await drive(train(learner, config, { from }), async (event) => {
      if (event.type === 'state') {
        const { step } = event.state.progress;
        passage.states.set(step, event.state);
        passage.fingerprints.set(step, await fingerprint(event.state));
      }
      return 'save' as const;
    });
    passage.events.push(...events.filter(({ type }) => type !== 'state'));
    passage.weights = await hashOf(await model.trained());
  } finally {
    model.dispose();
  }
  return passage;
}

/** The events after `step` steps, the opening phases left out. */
/** What is recorded on the GPU by then depends on what has run in this process, so it is left out. */
const eventsAfter = ({ events }: Passage, step: number): unknown[] =>
  events
    .slice(events.findIndex((event) => event.type === 'step' && event.record.step === step + 1))
    .filter(({ type }) => type !== 'recorded')
    .map(timeless);

async function resumesEverywhere(
  config: LabelConfig,
  edges: (steps: readonly number[]) => readonly number[] = (steps) => steps,
): Promise<void> {
  const whole = await pass(config, null);
  for (const step of edges([...whole.states.keys()])) {
    const rest = await pass(config, must(whole.states.get(step)));
    expect(rest.weights, `weights of the run resumed at step ${step}`).toBe(whole.weights);
    expect(eventsAfter(rest, step), `events of the run resumed at step ${step}`).toEqual(eventsAfter(whole, step));
    for (const [at, found] of rest.fingerprints)
      expect(found, `state at step ${at} of the run resumed at step ${step}`).toBe(whole.fingerprints.get(at));
    expect(rest.fingerprints.size).toBe(whole.fingerprints.size - step);
  }
}

// Forty rows in batches of eight, two a step: the third step of a pass has one micro-batch, and validations fall amid
// passes.
const settings = (method: Method, more: Partial<LabelConfig> = {}): LabelConfig =>
  testSettings(method, {
    gradientAccumulation: 2,
    validateEverySteps: 2,
    dropout: 0.2,
    learningRate: 0.05,
    epochs: 2,
    ...more,
  });

describe('a run resumed at any step equals the run that never stopped', () => {
  const cases: [BackendName, Method][] = [
    ['cpu', 'full'],
    ['cpu', 'lora'],
    ['cpu', 'head'],
    ['wasm', 'full'],
    ['wasm', 'lora'],
    ['wasm', 'head'],
  ];
  for (const [backend, method] of cases)
    it(`${backend}, ${method}`, async () => {
      await openInNode(backend);
      await resumesEverywhere(settings(method));
    });

  const missing = whyNotInNode('webgpu');
  for (const method of ['full', 'lora'] as const)
    it.skipIf(missing !== null)(missing ? `webgpu: ${missing}` : `webgpu, ${method}, amid a pass`, async () => {
      await openInNode('webgpu');
      await resumesEverywhere(settings(method), () => [4]);
    });

  it('also when it stops early, and without the best weights kept', async () => {
    await openInNode('cpu');
    const config = settings('full', { epochs: 12, earlyStoppingPatience: 3, keepBest: false, learningRate: 0.3 });
    const whole = await pass(config, null);
    expect(whole.events.at(-1)).toMatchObject({ type: 'finished', reason: 'early-stopping' });
    const last = Math.max(...whole.states.keys());
    for (const step of [1, last - 1, last])
      expect((await pass(config, must(whole.states.get(step)))).weights).toBe(whole.weights);
  });
});

describe('a state that does not fit', () => {
  it('is refused by name', async () => {
    await openInNode('cpu');
    const config = settings('head');
    const { states } = await pass(config, null);
    const state = must(states.get(2));
    const lacking = { ...state, moments: state.moments.filter(({ name }) => name !== 'linear.bias.exp_avg_sq') };
    await expect(pass(config, lacking)).rejects.toMatchObject({
      code: 'bad-model',
      place: { tensor: 'linear.bias.exp_avg_sq' },
    });
    await expect(pass(settings('full'), state)).rejects.toMatchObject({ code: 'bad-model' });
  });

  it('leaves an optimizer that is under way as it is', async () => {
    await openInNode('cpu');
    const model = await buildModel({
      config: CONFIG,
      tensors: checkpoint(),
      task: 'single-label',
      labels: ['no', 'yes'],
      training: settings('head'),
    });
    const optimizer = new AdamW(model.trainedParameters(), { weightDecay: 0, maxGradNorm: 0 });
    const before = await hashOf(await optimizer.state());
    expect(() => optimizer.restore([], 3)).toThrow(/linear\.weight\.exp_avg/);
    expect(await hashOf(await optimizer.state())).toBe(before);
    optimizer.dispose();
    model.dispose();
  });
});
