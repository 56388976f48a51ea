/** Changes win over defaults, and never carry a setting to a model that cannot have it. */
import { describe, expect, it } from 'vitest';
import type { Mapping } from '../domain/dataset';
import type { ModelInfo } from '../domain/model';
import { greedy } from '../domain/generation';
import type { ConfigChanges } from '../lessons/settings';
import { effectiveConfig, fitProblem, methodFor, settingsKey } from './effective-config';

const model: ModelInfo = {
  name: 'tiny',
  architecture: 'bert',
  parameters: 1000,
  bytes: 4000,
  hiddenSize: 384,
  layers: 2,
  maxPositions: 64,
  vocabularySize: 100,
  licence: null,
  linearModules: ['query', 'value'],
  head: { modules: ['classifier', 'pooler'], labels: null },
  writing: null,
  recipes: { full: { learningRate: 2e-4 } },
};
const mapping = {
  lesson: 'classify',
  task: 'single-label',
  text: 'text',
  textPair: null,
  labels: ['label'],
  labelLayout: 'column',
  split: null,
};
const data = { splitRows: { train: 100 }, mapping };
/** Changes of the one who teaches labels to the model above. */
const labels = (changed: ConfigChanges) => ({ 'classify.full': changed, 'classify.lora': changed });

describe('effectiveConfig', () => {
  it('is null until data and model are there', () => {
    expect(effectiveConfig('full', {}, null, model)).toBeNull();
    expect(effectiveConfig('full', {}, data, null)).toBeNull();
  });

  it("takes the model's own recipe", () => {
    expect(effectiveConfig('full', {}, data, model)?.config.learningRate).toBe(2e-4);
  });

  it('puts changes over the defaults and leaves these to be shown', () => {
    const effective = effectiveConfig('full', labels({ epochs: 7, lora: { rank: 2 } }), data, model);
    expect(effective?.config).toMatchObject({ epochs: 7, lora: { rank: 2, alpha: 16 } });
    expect(effective?.defaults.epochs).toBe(3);
  });

  it('cuts the length to what the model knows', () => {
    expect(effectiveConfig('full', labels({ maxLength: 512 }), data, model)?.config.maxLength).toBe(64);
  });

  it('drops layer names of another architecture, and falls back when none is left', () => {
    const targets = (targetModules: string[]) =>
      effectiveConfig('lora', labels({ lora: { targetModules } }), data, model)?.config.lora.targetModules;
    expect(targets(['query', 'q_lin'])).toEqual(['query']);
    expect(targets(['q_lin', 'k_lin'])).toEqual(['query', 'value']);
    expect(targets([])).toEqual([]);
  });
});

/** A mapping of whatever lesson, with its own fields. */
const given = (own: Mapping & Readonly<Record<string, unknown>>): Mapping => own;

describe('a model that writes', () => {
  const writer: ModelInfo = {
    name: 'tiny-llama',
    architecture: 'llama',
    parameters: 1000,
    bytes: 4000,
    hiddenSize: 576,
    layers: 2,
    maxPositions: 64,
    vocabularySize: 100,
    licence: null,
    linearModules: ['q_proj', 'v_proj'],
    recipes: { lora: { learningRate: 1e-3 } },
    head: null,
    writing: { ownTemplate: false, template: 'chatml', generation: greedy(20) },
  };
  const chats: Mapping = given({
    lesson: 'answer',
    layout: 'messages',
    columns: { messages: 'messages' },
    split: null,
  });
  const rows = { splitRows: { train: 100 }, mapping: chats };
  const pairs = {
    ...rows,
    mapping: given({ lesson: 'prefer', layout: 'pair', columns: { chosen: 'a', rejected: 'b' }, split: null }),
  };

  it('has settings of its own, kept apart, and no Quick method', () => {
    expect([methodFor('head', rows, writer), methodFor('full', rows, writer), methodFor('head', data, model)]).toEqual([
      'lora',
      'full',
      'head',
    ]);
    expect([
      settingsKey('head', rows, writer),
      settingsKey('full', rows, writer),
      settingsKey('lora', data, model),
      settingsKey('lora', pairs, writer),
      settingsKey('lora', null, writer),
    ]).toEqual(['answer.lora', 'answer.full', 'classify.lora', 'prefer.lora', null]);
    const changes = { 'answer.lora': { packing: true, beta: 0.2, lora: { targetModules: ['query'] } } };
    const { config } = effectiveConfig('head', changes, rows, writer) ?? {};
    expect(config).toMatchObject({
      method: 'lora',
      learningRate: 1e-3,
      template: 'chatml',
      packing: true,
      maxLength: 64,
      lora: { targetModules: ['q_proj', 'v_proj'], modulesToSave: [] },
    });
    // What another lesson has is no setting of this one.
    expect(config).not.toHaveProperty('beta');
  });

  it('never takes a template that it does not bring, nor a recipe for answers when preferences are learned', () => {
    expect(effectiveConfig('lora', { 'answer.lora': { template: 'own' } }, rows, writer)?.config).toMatchObject({
      template: 'chatml',
    });
    expect(effectiveConfig('lora', {}, pairs, writer)?.config.learningRate).not.toBe(1e-3);
  });

  it('does not go with labels, nor a classifier with answers', () => {
    expect(fitProblem(data, writer)?.message).toContain('writes text');
    expect(fitProblem(rows, model)?.message).toContain('gives labels');
    expect([fitProblem(data, model), fitProblem(rows, writer), fitProblem(null, writer)]).toEqual([null, null, null]);
    expect(effectiveConfig('lora', {}, data, writer)).toBeNull();
  });
});
