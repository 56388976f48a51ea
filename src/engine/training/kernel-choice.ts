/** Tunes the matrix products of a run on the adapter that it runs on, before its first step. */
import * as tf from '@tensorflow/tfjs-core';
import type { TrainEvent } from '../../domain/run';
import type { TrainingConfig } from '../../domain/training-config';
import { choicesOf, merged, type AdapterTuning, type KernelChoices } from '../../domain/tuning';
import { gpuAdapter } from '../backend/gpu-device';
import { gpuKernels } from '../backend/gpu-run';
import { epochBatches } from './batches';
import { runEagerly } from './eager';
import { adapterKey, candidates, useChoices, watchProducts } from '../kernels/matmul/choice';
import { classOf, nameOf } from '../kernels/matmul/classes';
import { flopsOf, ProductTimer } from '../kernels/matmul/measure';
import type { Shape } from '../kernels/matmul/passes';
import { tune, type TuningResult } from '../kernels/matmul/tune';
import type { Learner, Made } from './learner';

/** Milliseconds that all of it may take, and the share of them for the steps that show which products there are. */
const BUDGET_MS = 3000;
const LOOKING_SHARE = 0.4;
/** Of one kernel: enough for clocks that tick ten times a millisecond. */
const MEASURING = { batchMs: 2, batches: 2 };

export interface KernelChoiceOptions {
  config: TrainingConfig;
  /** Names the model and the method, for what was measured once is not measured again. */
  workload: string;
  /** All that is known of any adapter. */
  known: readonly AdapterTuning[];
  /** The choices of the run that goes on: it must not change them. Null for a new run. */
  from: KernelChoices | null;
  /** Whether to measure on an adapter that runs on the CPU. */
  software: boolean;
  signal: AbortSignal;
  /** Milliseconds. */
  now: () => number;
  /** Told which kernels the run takes, before its first step, and what was measured for that. */
  chosen: (choices: KernelChoices, measured: AdapterTuning | null) => void;
}

/**
 * Makes a learner whose run keeps to one choice of kernels: that of the run that it goes on with, else what is known of
 * the adapter, with the products that were never measured measured now. A learner that computed something beforehand
 * (features, what the model said before) did so with what was known, and its run goes on with that.
 */
export async function* withKernelChoice(made: Learner | Made, run: KernelChoiceOptions): Made {
  const adapter = gpuKernels() && gpuAdapter();
  const known = (adapter && run.known.find((one) => one.adapter === adapterKey(adapter))) ?? null;
  const choices = run.from ?? choicesOf(known);
  useChoices(choices);
  run.chosen(choices, null);
  let computed = false;
  let learner: Learner;
  if (Symbol.asyncIterator in made) {
    for (;;) {
      const next = await made.next();
      if (next.done) {
        learner = next.value;
        break;
      }
      computed = true;
      yield next.value;
    }
  } else learner = made;
  if (run.from || computed || !adapter || (adapter.software && !run.software)) return learner;
  const batches = typicalBatches(learner.lengths, run.config);
  const workload = [run.workload, ...batches.map(({ tokens }) => tokens)].join(', ');
  if (known?.workloads.includes(workload)) return learner;
  const { products, complete } = yield* measuredFor(learner, batches, run, choices);
  // What the time did not suffice for is tried again by the next run.
  const measured = merged(known, { adapter: adapterKey(adapter), workloads: complete ? [workload] : [], products });
  useChoices(choicesOf(measured));
  run.chosen(choicesOf(measured), measured);
  return learner;
}

interface Typical {
  items: number[];
  /** Rounded up to a power of two. */
  tokens: number;
  /** How many batches of an epoch are like it. */
  count: number;
}

/** A batch of each size that an epoch has, the one that most of the work goes into first. */
function typicalBatches(lengths: readonly number[], { batchSize, seed }: TrainingConfig): Typical[] {
  const found = new Map<number, Typical>();
  for (const items of epochBatches(lengths, batchSize, seed, 0)) {
    const tokens =
      2 ** Math.ceil(Math.log2(items.length * items.reduce((most, i) => Math.max(most, lengths[i] ?? 1), 1)));
    const same = found.get(tokens);
    if (same) same.count++;
    else found.set(tokens, { items, tokens, count: 1 });
  }
  return [...found.values()].sort((a, b) => b.tokens * b.count - a.tokens * a.count);
}

/**
 * The classes of products in steps over these batches, those with the most operations first, as far as the time for
 * looking goes.
 */
async function productsOf(
  learner: Learner,
  batches: readonly Typical[],
  { config, now }: KernelChoiceOptions,
  deadline: number,
): Promise<{ shapes: Shape[]; all: boolean }> {
  const found = new Map<string, { shape: Shape; flops: number }>();
  let all = true;
  for (const { items, count } of batches) {
    if (now() >= deadline) {
      all = false;
      break;
    }
    const end = watchProducts((shape) => {
      const name = nameOf(shape);
      found.set(name, { shape: classOf(shape), flops: (found.get(name)?.flops ?? 0) + count * flopsOf(shape) });
    });
    try {
      tf.dispose((await runEagerly(learner.prepare([items], { seed: config.seed, step: 0 }))).gradients);
    } finally {
      end();
    }
  }
  return { shapes: [...found.values()].sort((a, b) => b.flops - a.flops).map(({ shape }) => shape), all };
}

/** Measures what is not known yet; yields how far it is. */
async function* measuredFor(
  learner: Learner,
  batches: readonly Typical[],
  run: KernelChoiceOptions,
  known: KernelChoices,
): AsyncGenerator<TrainEvent, TuningResult> {
  const [gpu, adapter] = [gpuKernels(), gpuAdapter()];
  if (!gpu || !adapter) return { products: [], complete: false };
  const start = run.now();
  const { shapes, all } = await productsOf(learner, batches, run, start + LOOKING_SHARE * BUDGET_MS);
  const classes = shapes.filter(
    (shape) => !(nameOf(shape) in known) && candidates(adapter, shape.layout, shape.sizes).length > 1,
  );
  const timer = new ProductTimer(gpu.device, run.now);
  try {
    const tuning = tune(adapter, classes, {
      measure: (kernel, shape) => timer.measure(kernel, shape, MEASURING),
      now: run.now,
      deadline: start + BUDGET_MS,
      signal: run.signal,
    });
    for (;;) {
      const next = await tuning.next();
      if (next.done) return { ...next.value, complete: next.value.complete && all };
      yield { type: 'phase', phase: 'tuning', ...next.value };
    }
  } finally {
    timer.dispose();
  }
}
