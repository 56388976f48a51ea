/**
 * Tuning on the software adapter: what a run measures is what it takes, and an interrupted run goes on with the kernels
 * that it began with.
 */
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../../base/assert';
import { sha256Hex } from '../../base/bytes';
import type { LoopEvent } from './wishes';
import type { AdapterTuning, KernelChoices } from '../../domain/tuning';
import { writeSafetensors } from '../../formats/safetensors';
import { gpuAdapter } from '../backend/gpu-device';
import { buildModel } from '../build-model';
import { adapterKey, chooseKernel, useChoices, watchProducts } from '../kernels/matmul/choice';
import { nameOf } from '../kernels/matmul/classes';
import { PLAIN } from '../kernels/matmul/layout';
import { classification } from '../learners/classification';
import { openInNode, whyNotInNode } from '../../testing/node-backends';
import { checkpoint, CONFIG } from '../../testing/checkpoint';
import { drive, exampleRows, testSettings } from '../../testing/training';
import { train } from './loop';
import { withKernelChoice, type KernelChoiceOptions } from './kernel-choice';
import type { TrainingState } from '../types';

const missing = whyNotInNode('webgpu');
const config = testSettings('full', { epochs: 1, keepBest: false });

interface Passage {
  choices: KernelChoices;
  measured: AdapterTuning | null;
  states: Map<number, TrainingState>;
  events: LoopEvent[];
  weights: string;
  leftTensors: number;
}

/** A clock that lets the budget last for some eight measurements: compiling takes long on a software adapter. */
function quickClock(): () => number {
  let at = 0;
  return () => (at += 220);
}

/** Trains a fresh model, from a state where given. */
async function pass(more: Partial<KernelChoiceOptions>, from: TrainingState | null = null): Promise<Passage> {
  const before = tf.memory().numTensors;
  const model = await buildModel({
    config: CONFIG,
    tensors: checkpoint(),
    task: 'single-label',
    labels: ['no', 'yes'],
    training: config,
  });
  const passage: Passage = { choices: {}, measured: null, states: new Map(), events: [], weights: '', leftTensors: 0 };
  const { signal } = new AbortController();
  const run: KernelChoiceOptions = {
    config,
    workload: 'tiny',
    known: [],
    from: null,
    software: true,
    signal,
    now: quickClock(),
    chosen: (choices, measured) => {
      passage.choices = choices;
      passage.measured = measured;
    },
    ...more,
  };
  try {
    const learner = classification(model, { train: exampleRows(24, 1), validation: [] }, config, signal);
    const events = await drive(train(withKernelChoice(learner, run), config, { signal, from }), (event) => {
      if (event.type === 'state') passage.states.set(event.state.progress.step, event.state);
      return 'save';
    });
    passage.events.push(...events.filter(({ type }) => type !== 'state'));
    passage.weights = await sha256Hex(writeSafetensors(await model.trained()));
  } finally {
    model.dispose();
  }
  passage.leftTensors = tf.memory().numTensors - before;
  return passage;
}

describe.skipIf(missing !== null)(missing ? `tuning: ${missing}` : 'tuning', () => {
  let first: Passage;
  beforeAll(async () => {
    await openInNode('webgpu');
    first = await pass({});
  }, 120_000);
  afterEach(() => useChoices({}));

  it('measures what the run needs before its first step, and takes what it chose', async () => {
    const { choices, measured, events, leftTensors } = first;
    const { adapter, workloads, products } = must(measured, 'measured');
    expect(adapter).toBe(adapterKey(must(gpuAdapter(), 'adapter')));
    // Its time did not suffice for everything.
    expect(workloads).toEqual([]);
    expect(products.length).toBeGreaterThan(0);
    for (const { product, kernel, rate, usualRate } of products) {
      expect(choices[product]).toBe(kernel);
      expect(rate).toBeGreaterThanOrEqual(usualRate);
      expect(usualRate).toBeGreaterThan(0);
    }
    expect(events.findIndex((event) => event.type === 'phase' && event.phase === 'tuning')).toBeLessThan(
      events.findIndex((event) => event.type === 'step'),
    );
    expect(leftTensors).toBe(0);
  }, 120_000);

  it('goes on with the kernels that the run began with, to the same bits', async () => {
    // Sums of 16 values in another order: a run whose kernels changed on its way would end with other bits.
    const other = Object.fromEntries(
      must(first.measured, 'measured').products.map(({ product, usual }) => [
        product,
        usual === 'any shape' ? 'registers 8 × 8' : 'any shape',
      ]),
    );
    const known = (choices: KernelChoices): AdapterTuning[] => [
      {
        adapter: adapterKey(must(gpuAdapter(), 'adapter')),
        workloads: [],
        products: Object.entries(choices).map(([product, kernel]) => ({
          product,
          kernel,
          rate: 1,
          usual: kernel,
          usualRate: 1,
        })),
      },
    ];
    const whole = await pass({ software: false, known: known(other) });
    expect(whole.choices).toEqual(other);
    expect((await pass({ software: false })).weights).not.toBe(whole.weights);
    const rest = await pass({ from: whole.choices, known: [] }, must(whole.states.get(1), 'state'));
    expect(rest.measured).toBeNull();
    expect(rest.weights).toBe(whole.weights);
  }, 120_000);

  it('measures a workload once', async () => {
    const names = new Set<string>();
    const end = watchProducts((shape) => names.add(nameOf(shape)));
    await pass({ software: false });
    end();
    const products = [...names].map((product) => ({
      product,
      kernel: 'any shape',
      rate: 1,
      usual: 'any shape',
      usualRate: 1,
    }));
    const known = { adapter: adapterKey(must(gpuAdapter(), 'adapter')), workloads: [], products };
    const complete = must((await pass({ known: [known] })).measured, 'measured');
    expect(complete).toEqual({ ...known, workloads: [expect.stringMatching(/^tiny, \d+/) as string] });
    const again = await pass({ known: [complete] });
    expect(again.measured).toBeNull();
    expect(again.events.some((event) => event.type === 'phase' && event.phase === 'tuning')).toBe(false);
  }, 120_000);

  it('stops at its budget, and measures nothing on a software adapter that was not asked for', async () => {
    let at = 0;
    const late = await pass({ now: () => (at += 4000) });
    expect(late.measured?.products).toEqual([]);
    // What the time did not suffice for is tried again.
    expect(late.measured?.workloads).toEqual([]);
    expect((await pass({ software: false })).measured).toBeNull();
  }, 120_000);

  it('takes no kernel that cannot compute a product, or that is not known', () => {
    const shape = { layout: 'NT' as const, operands: PLAIN, sizes: { m: 8, n: 6, k: 5 } };
    useChoices({ 'NT 8 × 6 × 5': 'registers 8 × 8' });
    expect(chooseKernel(shape).name).toBe('any shape');
    useChoices({ 'NT 8 × 6 × 5': 'of another version' });
    expect(chooseKernel(shape).name).toBe('any shape');
  });
});
