/** For tests: small projects, whole and sound. */
import { must } from '../base/assert';
import type { PreferenceConfig } from '../domain/language-config';
import type { RunStart, RunSummary, StepRecord, ValidationRecord } from '../domain/run';
import type { LabelConfig, TrainingConfig } from '../domain/training-config';
import { writeCheckpoint } from '../formats/checkpoint';
import { fromFloat32 } from '../formats/dtype';
import type { Project } from '../formats/project';
import { writeSafetensors } from '../formats/safetensors';
import { runReaders } from '../lessons/records';

export { runReaders };

const text = (value: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(value);
const ROWS = ['["good day","yes"]', '["bad day","no"]'];

/** Ends of the rows as they are stored. */
function index(): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(ROWS.length * 8));
  let end = 0;
  ROWS.forEach((row, i) => view.setFloat64(i * 8, (end += text(row).length), true));
  return new Uint8Array(view.buffer);
}

const mapping = {
  lesson: 'classify',
  task: 'single-label',
  text: 'text',
  textPair: null,
  labels: ['label'],
  labelLayout: 'column',
  split: null,
} as const;
const split = { train: 0.5, validation: 0, test: 0.5, seed: 1, dropDuplicates: false };

const data: NonNullable<Project['data']> = {
  id: 'd',
  name: 'moods.csv',
  createdAt: '2025-01-01T00:00:00.000Z',
  sha256: 'a1',
  state: {
    version: 2,
    id: 'd',
    name: 'moods.csv',
    bytes: 40,
    source: { format: 'csv', encoding: 'utf-8', delimiter: ',', hasHeader: true },
    columns: ['text', 'label'],
    rows: 2,
    sha256: 'a1',
    durable: true,
    readWarnings: [],
    mapping: { ...mapping, labels: [...mapping.labels] },
    split,
  },
  rows: text(ROWS.join('')),
  index: index(),
};

const step: StepRecord = {
  step: 1,
  totalSteps: 2,
  epoch: 1,
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
  step: 1,
  epoch: 1,
  loss: 0.5,
  metricName: 'accuracy',
  metricValue: NaN,
  best: true,
};
const metrics = {
  task: 'single-label',
  accuracy: 1,
  macroF1: 1,
  weightedF1: 1,
  loss: 0.25,
  perClass: ['no', 'yes'].map((label) => ({ label, precision: 1, recall: 1, f1: NaN, support: 1 })),
  confusion: [
    [1, 0],
    [0, 1],
  ],
} as const;

/** Of every lesson. */
const shared: TrainingConfig = {
  method: 'full',
  learningRate: 1e-3,
  epochs: 2,
  batchSize: 4,
  gradientAccumulation: 1,
  maxLength: 8,
  schedule: 'linear',
  warmupRatio: 0,
  weightDecay: 0,
  maxGradNorm: 1,
  dropout: null,
  earlyStoppingPatience: 0,
  keepBest: true,
  validateEverySteps: 0,
  seed: 1,
  lora: { rank: 8, alpha: 16, dropout: 0, targetModules: ['query'], modulesToSave: ['classifier'] },
};
const config: LabelConfig = { ...shared, labelSmoothing: 0, classWeights: 'none', logTargets: false };

const summary: RunSummary = {
  version: 2,
  id: 'r',
  name: 'moods · Thorough',
  createdAt: '2025-01-02T00:00:00.000Z',
  labels: ['no', 'yes'],
  datasetId: 'd',
  datasetName: 'moods.csv',
  datasetSha256: 'a1',
  mapping,
  split,
  splitRows: { train: 1, validation: 0, test: 1 },
  model: {
    name: 'tiny',
    architecture: 'bert',
    parameters: 9,
    bytes: 36,
    hiddenSize: 2,
    layers: 1,
    maxPositions: 8,
    vocabularySize: 5,
    licence: null,
    linearModules: ['query'],
    head: { modules: ['classifier'], labels: null },
    writing: null,
    recipes: { full: { epochs: 2 }, lora: { lora: { rank: 4 } } },
  },
  modelSource: { kind: 'hub', id: 'a/b', revision: 'main' },
  config,
  backend: 'wasm',
  device: 'CPU',
  reason: 'completed',
  steps: [step],
  validations: [validation],
  elapsedMs: 5,
  bestStep: 1,
  evaluation: {
    testRows: 1,
    baseline: { kind: 'majority-class', description: 'Always no', metrics: structuredClone(metrics) as never },
    tuned: structuredClone(metrics) as never,
    mistakes: [{ row: 2, text: 'bad day', expected: 'no', predicted: 'yes', confidence: 0.9 }],
    elapsedMs: 1,
  },
};

const tensors = [fromFloat32('classifier.weight', [2], Float32Array.of(0.5, -0))];

export const finishedProject = (): Project =>
  structuredClone({
    data,
    run: {
      kind: 'finished',
      summary,
      replay: [{ row: 1, text: 'good day', label: 1 }],
      weights: writeSafetensors(tensors),
    },
  });

export function unfinishedProject(): Project {
  const { steps, validations, elapsedMs, bestStep } = summary;
  const ended = ['reason', 'steps', 'validations', 'elapsedMs', 'bestStep', 'evaluation'];
  const start = Object.fromEntries(
    Object.entries(summary).filter(([key]) => !ended.includes(key)),
  ) as unknown as RunStart;
  const progress = {
    step: bestStep ?? 0,
    microStep: 1,
    epoch: 1,
    batch: 0,
    elapsedMs,
    validatedAt: 1,
    sinceBest: 0,
    best: must(validations[0]),
  };
  const state = writeCheckpoint({ progress, steps, validations, kernels: {}, parameters: tensors, moments: [] });
  return structuredClone({
    data,
    run: { kind: 'unfinished', start, totalSteps: 2, state, best: writeSafetensors(tensors) },
  });
}

/** A finished run of a model that writes, its data set deleted. */
export function languageProject(): Project {
  const written = { loss: 1, perplexity: Math.E, tokenAccuracy: 0.5, exactMatch: null, rougeL: 0.25 };
  const rewards = { chosen: 1, rejected: -1, margins: 2, accuracies: 1 };
  const {
    id,
    name,
    createdAt,
    datasetId,
    datasetName,
    datasetSha256,
    splitRows,
    modelSource,
    backend,
    device,
    reason,
    validations,
    elapsedMs,
    bestStep,
    model,
  } = summary;
  const { parameters, bytes, hiddenSize, layers, maxPositions, vocabularySize, licence, linearModules, recipes } =
    model;
  const generation = {
    maxNewTokens: 9,
    doSample: true,
    temperature: 1,
    topK: 0,
    topP: 1,
    repetitionPenalty: 1,
    stopStrings: ['\n'],
    seed: 1,
  };
  const columns = { prompt: 'q', chosen: 'a', rejected: 'b' };
  const pairs = { lesson: 'prefer', layout: 'pair', columns, split: null };
  const settings: PreferenceConfig = {
    ...shared,
    method: 'lora',
    labelSmoothing: 0,
    lora: { ...shared.lora, modulesToSave: [] },
    base: 'q8',
    gradientCheckpointing: true,
    template: 'chatml',
    beta: 0.1,
  };
  const run: RunSummary = {
    version: 2,
    id,
    name,
    createdAt,
    datasetId,
    datasetName,
    datasetSha256,
    split,
    splitRows,
    modelSource,
    backend,
    device,
    reason,
    validations,
    elapsedMs,
    bestStep,
    labels: [],
    mapping: pairs,
    model: {
      name: model.name,
      parameters,
      bytes,
      hiddenSize,
      layers,
      maxPositions,
      vocabularySize,
      licence,
      linearModules,
      recipes,
      architecture: 'llama',
      head: null,
      writing: { ownTemplate: false, template: 'chatml', generation },
    },
    config: settings,
    steps: [{ ...step, extras: { 'rewards/chosen': 1, 'rewards/margins': 2 } }],
    evaluation: {
      rows: 1,
      before: written,
      after: { ...written, perplexity: Infinity },
      answers: [{ row: 1, question: 'q', expected: 'a', before: 'b', after: 'a' }],
      rewards,
      elapsedMs: 1,
    },
  };
  return structuredClone({
    data: null,
    run: {
      kind: 'finished',
      summary: run,
      replay: [{ kind: 'preference', row: 1, prompt: [{ role: 'user', content: 'q' }], chosen: 'a', rejected: 'b' }],
      weights: writeSafetensors(tensors),
    },
  });
}
