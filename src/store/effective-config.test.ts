/** Changes win over defaults, and never carry a setting to a model that cannot have it. */
import { describe, expect, it } from 'vitest';
import type { LabelMapping, LanguageMapping } from '../domain/dataset';
import { isLanguageConfig } from '../domain/language-config';
import type { DecoderInfo, ModelInfo } from '../domain/model';
import { greedy } from '../domain/generation';
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
  headModules: ['classifier', 'pooler'],
  checkpointLabels: null,
  recipes: { full: { learningRate: 2e-4 } },
};
const mapping: LabelMapping = {
  task: 'single-label',
  text: 'text',
  textPair: null,
  labels: ['label'],
  labelLayout: 'column',
  split: null,
};
const data = { splitRows: { train: 100 }, mapping };

describe('effectiveConfig', () => {
  it('is null until data and model are there', () => {
    expect(effectiveConfig('full', {}, null, model)).toBeNull();
    expect(effectiveConfig('full', {}, data, null)).toBeNull();
  });

  it("takes the model's own recipe", () => {
    expect(effectiveConfig('full', {}, data, model)?.config.learningRate).toBe(2e-4);
  });

  it('puts changes over the defaults and leaves these to be shown', () => {
    const effective = effectiveConfig('full', { epochs: 7, lora: { rank: 2 } }, data, model);
    expect(effective?.config).toMatchObject({ epochs: 7, lora: { rank: 2, alpha: 16 } });
    expect(effective?.defaults.epochs).toBe(3);
  });

  it('cuts the length to what the model knows', () => {
    expect(effectiveConfig('full', { maxLength: 512 }, data, model)?.config.maxLength).toBe(64);
  });

  it('drops layer names of another architecture, and falls back when none is left', () => {
    const targets = (targetModules: string[]) =>
      effectiveConfig('lora', { lora: { targetModules } }, data, model)?.config.lora.targetModules;
    expect(targets(['query', 'q_lin'])).toEqual(['query']);
    expect(targets(['q_lin', 'k_lin'])).toEqual(['query', 'value']);
    expect(targets([])).toEqual([]);
  });
});

describe('a model that writes', () => {
  const writer: DecoderInfo = {
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
    ownTemplate: false,
    template: 'chatml',
    generation: greedy(20),
  };
  const chats: LanguageMapping = { task: 'chat', layout: 'messages', columns: { messages: 'messages' }, split: null };
  const rows = { splitRows: { train: 100 }, mapping: chats };

  it('has settings of its own, kept apart, and no Quick method', () => {
    expect([methodFor('head', writer), methodFor('full', writer), methodFor('head', model)]).toEqual([
      'lora',
      'full',
      'head',
    ]);
    expect([settingsKey('head', writer), settingsKey('full', writer), settingsKey('lora', model)]).toEqual([
      'language-lora',
      'language-full',
      'lora',
    ]);
    const { config } = effectiveConfig('head', { beta: 0.2, lora: { targetModules: ['query'] } }, rows, writer) ?? {};
    expect(config).toMatchObject({
      method: 'lora',
      learningRate: 1e-3,
      template: 'chatml',
      beta: 0.2,
      maxLength: 64,
      lora: { targetModules: ['q_proj', 'v_proj'], modulesToSave: [] },
    });
    expect(config && isLanguageConfig(config)).toBe(true);
  });

  it('never takes a template that it does not bring, nor a recipe for answers when preferences are learned', () => {
    expect(effectiveConfig('lora', { template: 'own' }, rows, writer)?.config).toMatchObject({ template: 'chatml' });
    const pairs: LanguageMapping = {
      task: 'preference',
      layout: 'pair',
      columns: { chosen: 'a', rejected: 'b' },
      split: null,
    };
    expect(effectiveConfig('lora', {}, { ...rows, mapping: pairs }, writer)?.config.learningRate).not.toBe(1e-3);
  });

  it('does not go with labels, nor a classifier with answers', () => {
    expect(fitProblem(data, writer)?.message).toContain('writes text');
    expect(fitProblem(rows, model)?.message).toContain('gives labels');
    expect([fitProblem(data, model), fitProblem(rows, writer), fitProblem(null, writer)]).toEqual([null, null, null]);
    expect(effectiveConfig('lora', {}, data, writer)).toBeNull();
  });
});
