/** Model card, recipe and predictions of a run. */
import { describe, expect, it } from 'vitest';
import { RUN_VERSION } from '../../../../domain/run';
import { defaultConfig } from '../../../../testing/settings';
import { AS_BEFORE } from '../../shared/schema';
import type { LabelSummary } from '../start';
import { modelCard } from './card';
import { predictionsJsonl } from './predictions-jsonl';
import { recipeJson } from './recipe-json';

const config = defaultConfig({
  method: 'lora',
  hiddenSize: 8,
  trainExamples: 80,
  maxPositions: 64,
  linearModules: ['query'],
  headModules: ['classifier'],
  recipe: null,
}).config;
const metrics = (accuracy: number) => ({
  task: 'single-label' as const,
  accuracy,
  macroF1: accuracy,
  weightedF1: accuracy,
  loss: 1,
  perClass: [{ label: 'a|b', precision: 1, recall: 0.5, f1: 2 / 3, support: 4 }],
  confusion: [[4]],
});
const RUN: LabelSummary = {
  version: RUN_VERSION,
  id: 'r1',
  name: 'My *run*\n# not a heading',
  createdAt: '2026-01-02T03:04:05.000Z',
  labels: ['a|b', '__proto__'],
  datasetId: 'd',
  datasetName: 'tickets.csv',
  datasetSha256: 'ab'.repeat(32),
  mapping: {
    ...AS_BEFORE,
    lesson: 'classify',
    task: 'single-label',
    text: 'body',
    textPair: null,
    labels: ['queue'],
    labelLayout: 'column',
    split: null,
  },
  split: { train: 0.8, validation: 0.1, test: 0.1, seed: 42, dropDuplicates: false },
  splitRows: { train: 80, validation: 10, test: 10 },
  model: {
    name: 'tiny',
    architecture: 'bert',
    parameters: 1234,
    bytes: 1,
    hiddenSize: 8,
    layers: 1,
    maxPositions: 64,
    vocabularySize: 5,
    licence: 'MIT',
    linearModules: [],
    recipes: {},
    head: { modules: [], labels: null },
    writing: null,
  },
  modelSource: { kind: 'hub', id: 'owner/tiny', revision: 'c'.repeat(40) },
  config,
  backend: 'wasm',
  device: 'CPU (WebAssembly, 2 threads)',
  reason: 'early-stopping',
  steps: [],
  validations: [],
  elapsedMs: 1000,
  bestStep: 3,
  evaluation: {
    testRows: 10,
    baseline: { kind: 'majority-class', description: 'Always the most frequent class.', metrics: metrics(0.5) },
    tuned: metrics(0.9),
    mistakes: [],
    elapsedMs: 5,
  },
};

describe('the model card', () => {
  const card = modelCard(RUN, 'owner/tiny');
  it('begins with front matter that tools read', () => {
    const front = /^---\n([\s\S]*?)\n---\n/.exec(card)?.[1];
    expect(front?.split('\n')).toEqual([
      'license: "mit"',
      'library_name: peft',
      'pipeline_tag: text-classification',
      'base_model: "owner/tiny"',
      'tags:',
      '  - tabtune',
      '  - lora',
    ]);
  });
  it('states data, recipe, metrics and limits', () => {
    for (const part of [
      'tickets.csv',
      'ab'.repeat(32),
      'Training 80, validation 10, test 10',
      '| accuracy | 0.5000 | 0.9000 |',
      'rank 8, alpha 16',
      'by early stopping',
      '## Limits',
    ])
      expect(card).toContain(part);
  });
  it('lets no name change its layout', () => {
    expect(card).toContain('# My \\*run\\* \\# not a heading\n');
    expect(card).toContain('| a\\|b | 1.0000 | 0.5000 | 0.6667 | 4 |');
  });
  it('says so when nothing was evaluated', () =>
    expect(modelCard({ ...RUN, evaluation: null }, null)).toContain('not been evaluated'));
  it('names no base model that nobody else has', () => {
    expect(modelCard(RUN, null)).not.toContain('base_model');
  });
});

it('recipe.json holds what a repetition needs', () => {
  const recipe = JSON.parse(recipeJson(RUN, { tabtune: '1.2.3' })) as Record<string, unknown>;
  expect(recipe).toMatchObject({
    task: 'single-label',
    labels: RUN.labels,
    data: { sha256: RUN.datasetSha256, split: { seed: 42 } },
    model: { source: { revision: 'c'.repeat(40) } },
    training: { method: 'lora', seed: 1, lora: { rank: 8 } },
    versions: { tabtune: '1.2.3' },
  });
  const quick = JSON.parse(recipeJson({ ...RUN, config: { ...config, method: 'head' } }, {})) as { training: object };
  expect(quick.training).not.toHaveProperty('lora');
});

it('predictions.jsonl keeps texts and logits as they are', () => {
  const rows = [
    { row: 1, text: 'a\n"b"\u2028', expected: 'x', predicted: 'y', logits: Float32Array.of(0.1, -2.5) },
    { row: 2, text: 'c', textPair: 'd', expected: 'x', predicted: 'x', logits: Float32Array.of(1, 2) },
  ];
  const lines = predictionsJsonl(rows).split('\n');
  expect(lines).toHaveLength(3);
  const [first, second] = lines
    .slice(0, 2)
    .map((line) => JSON.parse(line) as { text: string; text_pair?: string; logits: number[] });
  expect(first?.text).toBe(rows[0]?.text);
  expect(Float32Array.from(first?.logits ?? [])).toEqual(rows[0]?.logits);
  expect(first).not.toHaveProperty('text_pair');
  expect(second?.text_pair).toBe('d');
});

it('card and recipe say how the text of several columns is made', () => {
  const run: LabelSummary = { ...RUN, mapping: { ...RUN.mapping, joined: ['age', 'job'] } };
  expect(modelCard(run, null)).toContain('    columns = ["body", "age", "job"]\n    text = "\\n".join(');
  expect(JSON.parse(recipeJson(run, {}))).toMatchObject({
    data: { text: { columns: ['body', 'age', 'job'], line: 'name: value' } },
  });
  expect(JSON.parse(recipeJson(RUN, {}))).not.toHaveProperty('data.text');
});
