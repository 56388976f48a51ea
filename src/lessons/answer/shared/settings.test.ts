/**
 * The defaults for models that write: the plan's table, scaled where it would under-teach, and what is foreseen of too
 * faint a run.
 */
import { describe, expect, it } from 'vitest';
import type { WritingConfig } from '../../../domain/language-config';
import { greedy } from '../../../domain/generation';
import type { ModelInfo } from '../../../domain/model';
import type { Method } from '../../../domain/training-config';
import { prefer } from '../../prefer/shared';
import { answer } from './index';
import { faintRunNotice } from './settings';

const MODULES = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];
const WIDE: ModelInfo = {
  name: 'wide',
  architecture: 'llama',
  parameters: 1e9,
  bytes: 4e9,
  hiddenSize: 2048,
  layers: 16,
  maxPositions: 4096,
  vocabularySize: 32_000,
  licence: null,
  linearModules: MODULES,
  recipes: {},
  head: null,
  writing: { ownTemplate: true, template: 'own', generation: greedy(16) },
};
const NARROW: ModelInfo = { ...WIDE, hiddenSize: 576, maxPositions: 256 };

const defaults = (lesson: typeof answer, method: Method = 'lora', model = WIDE, trainRows = 10_000) =>
  lesson.defaults({ method, mapping: lesson.start(['a', 'b', 'c'], null), trainRows, model });

describe('defaults', () => {
  it('are the textbook’s for a wide model and many rows', () => {
    expect(defaults(answer).config).toMatchObject({
      learningRate: 2e-4,
      epochs: 3,
      batchSize: 8,
      schedule: 'cosine',
      warmupRatio: 0.05,
      maxLength: 512,
      lora: { rank: 16, alpha: 32, dropout: 0.05, targetModules: MODULES },
    });
    expect(defaults(answer, 'full').config).toMatchObject({ learningRate: 2e-5, warmupRatio: 0.1 });
    expect(defaults(prefer).config).toMatchObject({ learningRate: 5e-6, schedule: 'linear', beta: 0.1 });
  });

  it('push a small model and few rows harder, and say so', () => {
    const { config, reasons } = defaults(answer, 'lora', NARROW, 40);
    expect(config).toMatchObject({ learningRate: 1.4e-3, epochs: 10, maxLength: 256 });
    expect(reasons['learningRate']).toMatch(/usual 0.0002 .* \(576 wide\) and for 50 steps\. Not measured/);
    expect(answer.foretell(50, config, answer.start(['a'], null))).toEqual([]);
  });

  it('give way to a recipe that was measured on answers, of which preferences know nothing', () => {
    const measured = { ...WIDE, recipes: { lora: { learningRate: 1e-3, epochs: 10, magic: 7, lora: { rank: 8 } } } };
    const { config, reasons } = defaults(answer, 'lora', measured);
    expect(config).toMatchObject({ learningRate: 1e-3, epochs: 10, lora: { rank: 8, alpha: 32 } });
    expect(config).not.toHaveProperty('magic');
    expect([reasons['learningRate'], reasons['epochs']]).toEqual(
      Array(2).fill('Measured for this model on 50 questions and answers.'),
    );
    expect(defaults(prefer, 'lora', measured)).toEqual(defaults(prefer));
  });

  it.each(['lora', 'full'] as const)('can run (%s)', (method) => {
    for (const lesson of [answer, prefer])
      expect(lesson.problemsOf(defaults(lesson, method, WIDE, 1).config)).toEqual([]);
  });

  it('have no method for a head: models that write have none', () => {
    expect(answer.methods(WIDE)).toEqual(['lora', 'full']);
    expect(defaults(answer, 'head')).toEqual(defaults(answer));
  });
});

/** Settings with changes that no control allows. */
const changed = (lesson: typeof answer, changes: object) => ({ ...defaults(lesson).config, ...changes });

it('what cannot run is named', () => {
  const { lora } = defaults(prefer).config;
  expect(
    prefer.problemsOf(changed(prefer, { beta: 0, learningRate: 2, lora: { ...lora, modulesToSave: ['lm_head'] } })),
  ).toEqual([
    'learningRate must be a number from 1e-7 to 1, not 2.',
    'beta must be above 0 and at most 10.',
    'A decoder has no head that would be trained beside the adapter.',
  ]);
});

it('a packed base is for adapters only, and says so', () => {
  const { config, reasons } = defaults(answer);
  expect(config).toMatchObject({ base: 'f32' });
  expect(reasons['base']).toMatch(/half the memory.*F16, .* exact, F32, BF16 and all others are rounded.*28 %.*16 %/);
  expect(answer.problemsOf(changed(answer, { base: 'q4' }))).toEqual([]);
  expect(answer.problemsOf(changed(answer, { method: 'full', base: 'q8' }))).toEqual([
    expect.stringMatching(/packed as q8 cannot change.*LoRA/),
  ]);
  expect(answer.problemsOf(changed(answer, { base: 'q3' }))).toEqual([
    expect.stringMatching(/f32, f16, q8 or q4, not "q3"/),
  ]);
});

it('the run that taught nothing is foreseen, the one that taught is not', () => {
  const mapping = answer.start(['a'], null);
  expect(answer.foretell(19, changed(answer, { learningRate: 2e-4 }), mapping)).toEqual([
    expect.stringMatching(/^19 steps at a learning rate of 0.0002 will hardly/),
  ]);
  expect(answer.foretell(63, changed(answer, { learningRate: 1e-3 }), mapping)).toEqual([]);
  const full: Pick<WritingConfig, 'method' | 'learningRate'> = { method: 'full', learningRate: 2e-4 };
  expect([faintRunNotice(5, full), faintRunNotice(6, full)]).toEqual([expect.any(String), null]);
});
