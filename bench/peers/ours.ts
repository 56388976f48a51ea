/** Tabtune: the app's own training loop on the app's own engine, fed with the one batch as its whole training split. */
import * as tf from '@tensorflow/tfjs-core';
import type { LabelConfig } from '../../src/domain/training-config';
import { defaultConfig } from '../../src/testing/settings';
import { openBackend } from '../../src/engine/backend/backends';
import { buildModel } from '../../src/engine/build-model';
import { linear } from '../../src/engine/kernels/linear/op';
import { classification } from '../../src/engine/learners/classification';
import { train } from '../../src/engine/training/loop';
import type { Telling } from '../../src/engine/training/wishes';
import type { EncodedExample, FineTuneModel } from '../../src/engine/types';
import { fromFloat32 } from '../../src/formats/dtype';
import type { NamedTensor } from '../../src/formats/tensor';
import type { OpenOptions, Runner } from '../lib/contract';
import {
  ADAMW,
  CONFIG,
  crossEntropy,
  LABELS,
  LORA,
  loraWeights,
  minilmBatch,
  minilmWeights,
  NARROW,
  SAVED_MODULES,
  type Weight,
} from '../lib/minilm';
import { bestRate, SIZE } from '../lib/timing';
import type { Work } from '../lib/work';

export const named = (weights: readonly Weight[], prefix = ''): Map<string, NamedTensor> =>
  new Map(weights.map(({ name, shape, values }) => [prefix + name, fromFloat32(prefix + name, [...shape], values)]));

/**
 * The app's settings for the method, with what would make libraries differ switched off: dropout, clipping, a changing
 * learning rate.
 */
function settings({ kind, batch, length }: Work): LabelConfig {
  const method = kind === 'lora' ? 'lora' : 'full';
  const linearModules = ['query', 'key', 'value', 'attention.output.dense', 'intermediate.dense', 'output.dense'];
  const context = {
    method,
    hiddenSize: CONFIG.hidden_size,
    trainExamples: batch,
    maxPositions: CONFIG.max_position_embeddings,
    linearModules,
    headModules: SAVED_MODULES,
    recipe: null,
  } as const;
  const { config } = defaultConfig({ ...context, linearModules: [...linearModules], headModules: [...SAVED_MODULES] });
  return {
    ...config,
    learningRate: ADAMW.learningRate[method],
    weightDecay: ADAMW.weightDecay,
    epochs: 1000,
    batchSize: batch,
    maxLength: length,
    schedule: 'constant',
    warmupRatio: 0,
    maxGradNorm: 0,
    dropout: 0,
    keepBest: false,
    lora: { ...config.lora, rank: LORA.rank, alpha: LORA.alpha, dropout: 0 },
  };
}

/** The losses of the loop's next steps. */
export async function nextLosses(events: Telling, steps: number): Promise<number[]> {
  const losses: number[] = [];
  while (losses.length < steps) {
    const { value, done } = await events.next();
    if (done) throw new Error('The training loop ended early.');
    if (value.type === 'step') losses.push(value.record.loss);
  }
  return losses;
}

async function forwardLosses(
  model: FineTuneModel,
  examples: readonly EncodedExample[],
  labels: Int32Array,
  steps: number,
): Promise<number[]> {
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const rows = await model.predict(examples, { batchSize: examples.length });
    losses.push(
      crossEntropy(
        rows.flatMap((row) => [...row]),
        labels,
      ),
    );
  }
  return losses;
}

export async function open(work: Work, { backend, baseUrl }: OpenOptions): Promise<Runner> {
  const { name } = await openBackend(backend, { wasmPath: new URL('wasm/', baseUrl).href });
  const training = settings(work);
  const adapter = work.kind === 'lora' ? named(loraWeights(), 'base_model.model.') : undefined;
  const config = work.narrow ? NARROW : CONFIG;
  const model = await buildModel({
    config,
    tensors: named(minilmWeights(config)),
    task: 'single-label',
    labels: LABELS,
    training,
    adapter,
  });
  const { ids, labels } = minilmBatch(work.batch, work.length);
  const examples = Array.from(labels, (label, row): EncodedExample => ({
    row: row + 1,
    ids: ids.slice(row * work.length, (row + 1) * work.length),
    typeIds: null,
    label,
  }));
  if (work.kind === 'forward') return { device: name, run: (steps) => forwardLosses(model, examples, labels, steps) };
  const events = train(
    classification(model, { train: examples, validation: [] }, training, new AbortController().signal),
    training,
  );
  return { device: name, run: (steps) => nextLosses(events, steps) };
}

export async function matmulRate({ backend, baseUrl }: OpenOptions): Promise<number> {
  await openBackend(backend, { wasmPath: new URL('wasm/', baseUrl).href });
  const [x, weight] = [tf.ones([SIZE, SIZE]), tf.ones([SIZE, SIZE])] as [tf.Tensor2D, tf.Tensor2D];
  return bestRate(async () => {
    const product = linear(x, weight, null);
    await product.data();
    product.dispose();
  });
}
