/** Records of version 1 come out as records of this version, and what is damaged or newer is told from them. */
import { describe, expect, it } from 'vitest';
import type { Read } from '../domain/run';
import { finishedProject, languageProject, unfinishedProject } from '../testing/project';
import { keptReaders, readDatasetState, readMapping, readReplay, readStart, readSummary, runReaders } from './records';

/** What every run of version 1 had. */
const FACTS = {
  id: 'r',
  name: 'moods',
  createdAt: '2025-01-02T00:00:00.000Z',
  datasetId: 'd',
  datasetName: 'moods.csv',
  datasetSha256: 'a1',
  split: { train: 0.8, validation: 0.1, test: 0.1, seed: 42, dropDuplicates: false },
  splitRows: { train: 8, validation: 1, test: 1 },
  modelSource: { kind: 'embedded', id: 'tiny' },
  backend: 'wasm',
  device: 'CPU',
};
const MODEL = {
  name: 'tiny',
  parameters: 9,
  bytes: 36,
  hiddenSize: 2,
  layers: 1,
  maxPositions: 8,
  vocabularySize: 5,
  licence: null,
  linearModules: ['query'],
  recipes: { full: { epochs: 2, packing: true, lora: { rank: 4 } } },
};
const GENERATION = {
  maxNewTokens: 9,
  doSample: false,
  temperature: 1,
  topK: 50,
  topP: 1,
  repetitionPenalty: 1,
  stopStrings: [],
  seed: 1,
};
const HEADED = { ...MODEL, architecture: 'bert', headModules: ['classifier'], checkpointLabels: ['no', 'yes'] };
const WRITER = { ...MODEL, architecture: 'llama', ownTemplate: false, template: 'chatml', generation: GENERATION };
const LORA = { rank: 8, alpha: 16, dropout: 0, targetModules: ['query'], modulesToSave: ['classifier'] };
const SHARED = {
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
};
const OF_LABELS = { labelSmoothing: 0.1, classWeights: 'balanced' };
const labelMapping = {
  task: 'single-label',
  text: 'text',
  textPair: null,
  labels: ['label'],
  labelLayout: 'column',
  split: null,
};
const labelStart = {
  ...FACTS,
  task: 'single-label',
  labels: ['no', 'yes'],
  mapping: labelMapping,
  model: HEADED,
  config: { ...SHARED, ...OF_LABELS, method: 'full', lora: LORA },
};
/** Of the first days. */
const earlyConfig = {
  ...SHARED,
  ...OF_LABELS,
  classWeights: 'none',
  method: 'lora',
  lora: { ...LORA, modulesToSave: [] },
  template: 'chatml',
  packing: true,
  beta: 0.2,
};
const writingConfig = { ...earlyConfig, base: 'q8', gradientCheckpointing: true };
const chatStart = {
  ...FACTS,
  task: 'chat',
  mapping: { task: 'chat', layout: 'prompt', columns: { prompt: 'q', answer: 'a' }, split: 'part' },
  model: WRITER,
  config: writingConfig,
};
const pairStart = {
  ...chatStart,
  task: 'preference',
  mapping: { task: 'preference', layout: 'pair', columns: { chosen: 'a', rejected: 'b' }, split: null },
};
const OUTCOME = { reason: 'completed', steps: [], validations: [], elapsedMs: 5, bestStep: null };
const perClass = ['no', 'yes'].map((label) => ({ label, precision: 1, recall: 1, f1: NaN, support: 1 }));
const metrics = {
  task: 'single-label',
  accuracy: 1,
  macroF1: 1,
  weightedF1: 1,
  loss: null,
  perClass,
  confusion: [
    [1, 0],
    [0, 1],
  ],
};
const labelReport = {
  testRows: 2,
  baseline: { kind: 'majority-class', description: 'Always no', metrics },
  tuned: metrics,
  mistakes: [{ row: 2, text: 'bad day', expected: 'no', predicted: 'yes', confidence: 0.9 }],
  elapsedMs: 1,
};
const side = { loss: 1, perplexity: Infinity, tokenAccuracy: 0.5, exactMatch: null, rougeL: 0.25 };
const writingReport = {
  rows: 1,
  before: side,
  after: side,
  answers: [{ row: 1, question: 'q', expected: 'a', before: 'b', after: 'a' }],
  rewards: { chosen: 1, rejected: -1, margins: 2, accuracies: 1 },
  elapsedMs: 1,
};

function value<T>(read: Read<T>): T {
  if (!read.ok) throw new Error(`${read.at}: ${read.message}`);
  return read.value;
}

const HEAD = { modules: ['classifier'], labels: ['no', 'yes'] };
const WRITING = { ownTemplate: false, template: 'chatml', generation: GENERATION };
const written = { ...SHARED, method: 'lora', lora: { ...LORA, modulesToSave: [] } };

describe('a start of version 1', () => {
  it('of labels', () => {
    expect(value(readStart(labelStart))).toEqual({
      ...FACTS,
      version: 2,
      labels: ['no', 'yes'],
      mapping: { lesson: 'classify', ...labelMapping },
      model: { ...MODEL, architecture: 'bert', head: HEAD, writing: null },
      config: { ...labelStart.config, logTargets: false },
    });
  });

  it('of answers, which had the settings of labels and of preferences beside their own', () => {
    const { base, gradientCheckpointing, template, packing } = writingConfig;
    expect(value(readStart(chatStart))).toEqual({
      ...FACTS,
      version: 2,
      labels: [],
      mapping: { lesson: 'answer', layout: 'prompt', columns: { prompt: 'q', answer: 'a' }, split: 'part' },
      model: { ...MODEL, architecture: 'llama', head: null, writing: WRITING },
      config: { ...written, base, gradientCheckpointing, template, packing },
    });
  });

  it('of preferences', () => {
    const { base, gradientCheckpointing, template, beta } = writingConfig;
    expect(value(readStart(pairStart))).toEqual({
      ...FACTS,
      version: 2,
      labels: [],
      mapping: { lesson: 'prefer', layout: 'pair', columns: { chosen: 'a', rejected: 'b' }, split: null },
      model: { ...MODEL, architecture: 'llama', head: null, writing: WRITING },
      config: { ...written, base, gradientCheckpointing, template, beta, labelSmoothing: 0.1 },
    });
  });

  it('of the first days, without two settings of writing', () => {
    expect(value(readStart({ ...chatStart, config: earlyConfig })).config).toMatchObject({
      base: 'f32',
      gradientCheckpointing: false,
    });
  });
});

describe('a summary of version 1', () => {
  it.each([
    ['labels', labelStart, labelReport],
    ['answers', chatStart, { ...writingReport, rewards: null }],
    ['preferences', pairStart, writingReport],
  ])('of %s keeps its results', (_, start, evaluation) => {
    expect(value(readSummary({ ...start, ...OUTCOME, evaluation }))).toEqual({
      ...value(readStart(start)),
      ...OUTCOME,
      evaluation,
    });
    expect(value(readSummary({ ...start, ...OUTCOME, evaluation: null })).evaluation).toBeNull();
  });

  it('with results of another task, or none that can be read, is refused; a kept one is there to be tested again', () => {
    for (const evaluation of [
      writingReport,
      { ...labelReport, tuned: { ...metrics, task: 'regression' } },
      { ...labelReport, tuned: { ...metrics, confusion: [[1]] } },
      { ...labelReport, tuned: { task: 'regression', mae: 1, rmse: 1, r2: 1, pearson: 1, loss: null } },
    ]) {
      const summary = { ...labelStart, ...OUTCOME, evaluation };
      expect(readSummary(summary)).toMatchObject({ ok: false, newer: false });
      expect(value(keptReaders.summary(summary))).toMatchObject({ id: 'r', evaluation: null });
    }
  });
});

describe('rows kept with a run', () => {
  it('are those of its lesson', () => {
    const labelled = [{ row: 1, text: 'good day', label: 1 }];
    const chats = [
      { kind: 'chat', row: 1, messages: [{ role: 'user', content: 'q' }] },
      { kind: 'text', row: 2, text: 't' },
    ];
    const pairs = [{ kind: 'preference', row: 1, prompt: [], chosen: 'a', rejected: 'b' }];
    const starts = [labelStart, chatStart, pairStart].map((start) => value(readStart(start)));
    const all = [labelled, chats, pairs];
    starts.forEach((start, of) =>
      all.forEach((rows, i) => expect(readReplay(rows, start).ok, `${start.mapping.lesson} ${i}`).toBe(i === of)),
    );
  });
});

describe('mappings and states of data sets', () => {
  it('of version 1 are brought up to date', () => {
    const state = {
      version: 1,
      id: 'd',
      name: 'moods.csv',
      bytes: 40,
      source: { format: 'csv', encoding: 'utf-8', delimiter: ',', hasHeader: true },
      columns: ['text', 'label'],
      rows: 2,
      sha256: 'a1',
      durable: true,
      readWarnings: [],
      mapping: labelMapping,
      split: FACTS.split,
    };
    const mapping = { lesson: 'classify', ...labelMapping };
    expect(value(readMapping(labelMapping))).toEqual(mapping);
    expect(value(readMapping(mapping))).toEqual(mapping);
    const now = { ...state, version: 2, source: { ...state.source, decimalComma: false }, mapping };
    expect(readDatasetState(state)).toEqual(now);
    expect(readDatasetState(now)).toEqual(now);
    expect([3, '2', null].map((version) => readDatasetState({ ...state, version }))).toEqual([null, null, null]);
    expect(readDatasetState({ ...state, mapping: { ...labelMapping, task: 'draw' } })).toBeNull();
  });
});

describe('records of this version', () => {
  it('come back as they are', () => {
    for (const { run } of [finishedProject(), languageProject(), unfinishedProject()]) {
      if (run.kind === 'unfinished') {
        expect(value(readStart(run.start))).toEqual(run.start);
        expect(runReaders.problem(run.start)).toBeNull();
        continue;
      }
      expect(value(readSummary(run.summary))).toEqual(run.summary);
      expect(value(readReplay(run.replay, run.summary))).toEqual(run.replay);
    }
  });

  it('that are none, or of a newer version, are told apart', () => {
    const now = value(readStart(labelStart));
    expect(readStart({ ...now, version: 3 })).toMatchObject({ ok: false, newer: true, at: 'version' });
    expect(readStart({ ...now, mapping: { lesson: 'draw', split: null } })).toMatchObject({ ok: false, newer: true });
    expect(keptReaders.summary({ ...now, ...OUTCOME, evaluation: 7, version: 3 })).toMatchObject({ newer: true });
    for (const [at, broken] of [
      ['version', { ...now, version: '2' }],
      ['', 7],
      ['', [now]],
      ['mapping', { ...now, mapping: { split: null } }],
      ['mapping.labels', { ...now, mapping: { ...now.mapping, labels: 'label' } }],
      ['config.epochs', { ...now, config: { ...now.config, epochs: 'two' } }],
      ['config.lora.rank', { ...now, config: { ...now.config, lora: { ...now.config.lora, rank: NaN } } }],
      ['model.layers', { ...now, model: { ...now.model, layers: -1 } }],
      ['model', { ...now, model: { ...now.model, head: null } }],
      ['createdAt', { ...now, createdAt: 'once' }],
    ] as const)
      expect(readStart(broken), at).toMatchObject({ ok: false, newer: false, at });
    expect(runReaders.problem({ ...now, config: { ...now.config, epochs: 0 } })).toMatch(/^epochs must be/);
  });
});
