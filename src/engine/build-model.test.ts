import { must } from '../base/assert';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Method, TrainingConfig } from '../domain/training-config';
import { defaultConfig } from '../testing/settings';
import { fromFloat32 } from '../formats/dtype';
import { buildModel, checkSizes } from './build-model';
import { describeEncoder } from './describe';
import { estimateMemory } from './estimate';
import { labelNames } from './models/config';
import { encoderSpec } from './models';
import { openInNode } from '../testing/node-backends';
import { checkpoint, CONFIG } from '../testing/checkpoint';

const LABELS = ['no', 'yes', 'maybe'];

function settings(method: Method, lora: Partial<TrainingConfig['lora']> = {}): TrainingConfig {
  const { linearModules, headModules } = encoderSpec(CONFIG);
  const { config } = defaultConfig({
    method,
    hiddenSize: 16,
    trainExamples: 64,
    maxPositions: 24,
    linearModules,
    headModules,
    recipe: null,
  });
  return { ...config, lora: { ...config.lora, ...lora } };
}

const build = (
  tensors = checkpoint(),
  training = settings('full'),
  config: Record<string, unknown> = CONFIG,
): ReturnType<typeof buildModel> => buildModel({ config, tensors, task: 'single-label', labels: LABELS, training });

describe('figures of config.json that cannot be true', () => {
  it.each([
    ['hidden_dropout_prob', -1],
    ['attention_probs_dropout_prob', 1],
    ['layer_norm_eps', 0],
    ['initializer_range', -0.1],
    ['pad_token_id', 1000],
    ['type_vocab_size', 2 ** 60],
    ['num_hidden_layers', 2 ** 40],
    ['num_attention_heads', 3],
  ])('%s: %d', (field, value) =>
    expect(() => encoderSpec({ ...CONFIG, [field]: value })).toThrow(expect.objectContaining({ code: 'bad-config' })),
  );

  it('label names that are no text, or the same twice', () => {
    for (const id2label of [{ 0: 'a', 1: ['a'] }, { 0: 'a', 1: 'a' }, { 0: 'a', 2: 'b' }, 'a'])
      expect(labelNames({ id2label })).toBeNull();
    expect(labelNames({ id2label: { 1: 'b', 0: 'a' } })).toEqual(['a', 'b']);
  });
});

describe('building a model', () => {
  beforeAll(() => openInNode('cpu'));

  it('names a tensor that is missing, and leaves nothing behind', async () => {
    const tensors = checkpoint();
    tensors.delete('encoder.layer.1.output.dense.weight');
    const before = tf.memory().numTensors;
    await expect(build(tensors)).rejects.toMatchObject({
      code: 'bad-model',
      message: expect.stringContaining('encoder.layer.1.output.dense.weight') as string,
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(() => describeEncoder(CONFIG, tensors)).toThrow(/encoder\.layer\.1\.output\.dense\.weight/);
  });

  it('names a tensor of another shape than the configuration says', async () => {
    await expect(build(checkpoint(), settings('full'), { ...CONFIG, vocab_size: 41 })).rejects.toMatchObject({
      code: 'bad-model',
      message: expect.stringMatching(/word_embeddings\.weight.*\[40, 16\].*\[41, 16\]/) as string,
    });
  });

  it('names what is supported when the architecture is not', async () => {
    await expect(build(checkpoint(), settings('full'), { ...CONFIG, model_type: 'llama' })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/"llama".*bert, distilbert, roberta, xlm-roberta/) as string,
    });
    await expect(build(checkpoint(), settings('full'), { ...CONFIG, num_attention_heads: 3 })).rejects.toMatchObject({
      code: 'bad-config',
    });
  });

  it('refuses a parameter larger than the device can bind, naming it and the way out', () => {
    const slots = encoderSpec({ ...CONFIG, vocab_size: 250_002, hidden_size: 768 }).slots;
    const most = 128 * 2 ** 20;
    expect(() => checkSizes(slots, { tables: [], most })).toThrow(
      /word_embeddings\.weight" needs 733 MB in one piece; this GPU binds at most 128 MB/,
    );
    expect(() => checkSizes(slots, { tables: ['bert.embeddings.word_embeddings.weight'], most })).not.toThrow();
    expect(() => checkSizes(slots, { tables: [], most: 2 ** 30 })).not.toThrow();
    expect(() => checkSizes(slots, { tables: [], most: null })).not.toThrow();
  });

  it('reads old names of norms', async () => {
    const tensors = checkpoint();
    for (const [name, tensor] of [...tensors]) {
      const old = name.replace(/LayerNorm\.weight$/, 'LayerNorm.gamma').replace(/LayerNorm\.bias$/, 'LayerNorm.beta');
      tensors.delete(name);
      tensors.set(old, tensor);
    }
    const model = await build(tensors);
    expect(model.headFromCheckpoint).toBe(false);
    model.dispose();
  });

  it('takes the checkpoint’s last layer for the same labels only', async () => {
    const tensors = checkpoint();
    tensors.set('classifier.weight', fromFloat32('classifier.weight', [3, 16], new Float32Array(48).fill(0.5)));
    tensors.set('classifier.bias', fromFloat32('classifier.bias', [3], Float32Array.of(1, 2, 3)));
    for (const [names, same] of [
      [LABELS, true],
      [['a', 'b', 'c'], false],
    ] as const) {
      const model = await build(tensors, settings('full'), {
        ...CONFIG,
        id2label: Object.fromEntries(names.map((name, i) => [i, name])),
      });
      expect(model.headFromCheckpoint).toBe(same);
      const bias = (await model.trained()).find(({ name }) => name === 'classifier.bias');
      expect([...new Float32Array(must(bias).bytes.slice().buffer)]).toEqual(same ? [1, 2, 3] : [0, 0, 0]);
      model.dispose();
    }
  });

  it('attaches LoRA where PEFT would, and names a target or module that does not exist', async () => {
    const model = await build(
      checkpoint(),
      settings('lora', { targetModules: ['query', 'output.dense'], modulesToSave: ['classifier'], rank: 3 }),
    );
    const names = (await model.trained()).map(({ name }) => name);
    expect(
      names.filter((name) => name.endsWith('lora_A.weight')).map((name) => name.replace(/^bert\.encoder\.layer\./, '')),
    ).toEqual(
      [0, 1].flatMap((layer) =>
        ['attention.self.query', 'attention.output.dense', 'output.dense'].map(
          (module) => `${layer}.${module}.lora_A.weight`,
        ),
      ),
    );
    expect(names).toContain('classifier.bias');
    expect(names).not.toContain('bert.pooler.dense.weight');
    model.dispose();
    await expect(build(checkpoint(), settings('lora', { targetModules: ['q_proj'] }))).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringContaining('"q_proj"') as string,
    });
    await expect(build(checkpoint(), settings('lora', { modulesToSave: ['score'] }))).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringContaining('"score"') as string,
    });
  });

  for (const method of ['full', 'lora', 'head'] as const)
    it(`${method}: the estimate counts the parameters that are built`, async () => {
      const training = settings(method);
      const model = await build(checkpoint(), training);
      const estimate = estimateMemory(CONFIG, training, { longest: 24 }, 64, LABELS.length);
      expect(estimate.parameters).toBe(model.totalParameters);
      expect(estimate.trainableParameters).toBe(model.trainableParameters);
      expect(estimate.steps).toBe(method === 'head' ? 60 : 12);
      model.dispose();
    });
});
