/**
 * The defaults for decoders: the plan's table, scaled where it would under-teach, and what is foreseen of too faint a
 * run.
 */
import { describe, expect, it } from 'vitest';
import { checkLanguageConfig, defaultLanguageConfig, faintRunNotice } from './language-config';
import type { LanguageDefaultsContext } from './language-config';

const MODULES = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];
const WIDE: LanguageDefaultsContext = {
  method: 'lora',
  task: 'chat',
  hiddenSize: 2048,
  trainRows: 10_000,
  maxPositions: 4096,
  linearModules: MODULES,
  recipe: null,
  template: 'own',
};

describe('defaults', () => {
  it('are the textbook’s for a wide model and many rows', () => {
    expect(defaultLanguageConfig(WIDE).config).toMatchObject({
      learningRate: 2e-4,
      epochs: 3,
      batchSize: 8,
      schedule: 'cosine',
      warmupRatio: 0.05,
      maxLength: 512,
      lora: { rank: 16, alpha: 32, dropout: 0.05, targetModules: MODULES },
    });
    expect(defaultLanguageConfig({ ...WIDE, method: 'full' }).config).toMatchObject({
      learningRate: 2e-5,
      warmupRatio: 0.1,
    });
    expect(defaultLanguageConfig({ ...WIDE, task: 'preference' }).config).toMatchObject({
      learningRate: 5e-6,
      schedule: 'linear',
      beta: 0.1,
    });
  });

  it('push a small model and few rows harder, and say so', () => {
    const { config, reasons } = defaultLanguageConfig({ ...WIDE, hiddenSize: 576, trainRows: 40, maxPositions: 256 });
    expect(config).toMatchObject({ learningRate: 1.4e-3, epochs: 10, maxLength: 256 });
    expect(reasons.learningRate).toMatch(/usual 0.0002 .* \(576 wide\) and for 50 steps\. Not measured/);
    expect(faintRunNotice(50, config)).toBeNull();
  });

  it('give way to a measured recipe', () => {
    const { config, reasons } = defaultLanguageConfig({
      ...WIDE,
      recipe: { learningRate: 1e-3, epochs: 10, lora: { rank: 8 } },
    });
    expect(config).toMatchObject({ learningRate: 1e-3, epochs: 10, lora: { rank: 8, alpha: 32 } });
    expect(reasons.learningRate).toMatch(/^Measured/);
  });

  it.each(['lora', 'full'] as const)('can run (%s)', (method) => {
    for (const task of ['chat', 'preference'] as const)
      expect(checkLanguageConfig(defaultLanguageConfig({ ...WIDE, method, task, trainRows: 1 }).config)).toEqual([]);
  });
});

it('what cannot run is named', () => {
  const { config } = defaultLanguageConfig(WIDE);
  expect(
    checkLanguageConfig({
      ...config,
      beta: 0,
      classWeights: 'balanced',
      learningRate: 2,
      lora: { ...config.lora, modulesToSave: ['lm_head'] },
    }),
  ).toHaveLength(4);
});

it('a packed base is for adapters only, and says so', () => {
  const { config, reasons } = defaultLanguageConfig(WIDE);
  expect(config.base).toBe('f32');
  expect(reasons.base).toMatch(/half the memory.*F16, .* exact, F32, BF16 and all others are rounded.*28 %.*16 %/);
  expect(checkLanguageConfig({ ...config, base: 'q4' })).toEqual([]);
  expect(checkLanguageConfig({ ...config, method: 'full', base: 'q8' })).toEqual([
    expect.stringMatching(/packed as q8 cannot change.*LoRA/),
  ]);
  expect(checkLanguageConfig({ ...config, base: 'q3' as never })).toEqual([
    expect.stringMatching(/f32, f16, q8 or q4, not "q3"/),
  ]);
});

it('the run that taught nothing is foreseen, the one that taught is not', () => {
  expect(faintRunNotice(19, { method: 'lora', learningRate: 2e-4 })).toMatch(
    /^19 steps at a learning rate of 0.0002 will hardly/,
  );
  expect(faintRunNotice(63, { method: 'lora', learningRate: 1e-3 })).toBeNull();
});
