/** Changes win over defaults, and never carry a setting to a model that cannot have it. */
import { describe, expect, it } from 'vitest';
import type { ModelInfo } from '../domain/model';
import { effectiveConfig } from './effective-config';

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
const data = { splitRows: { train: 100 } };

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
    const targets = (targetModules: string[]) => effectiveConfig('lora', { lora: { targetModules } }, data, model)?.config.lora.targetModules;
    expect(targets(['query', 'q_lin'])).toEqual(['query']);
    expect(targets(['q_lin', 'k_lin'])).toEqual(['query', 'value']);
    expect(targets([])).toEqual([]);
  });
});
