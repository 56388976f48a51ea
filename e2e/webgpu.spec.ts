/**
 * The same way on WebGPU (software adapter) with a tiny model: all weights and LoRA for a few steps, and their files.
 */
import { must } from '../src/base/assert';
import type { App } from './pages/app';
import type { MethodName } from './pages/train-page';
import { TOPICS, topicsCsv, upload } from './support/data';
import { json, tensors, unzipped } from './support/downloads';
import { launchOptions } from './support/launch';
import { expect, test } from './support/test';

test.use({ backend: 'webgpu', launchOptions: launchOptions(true) });

/** From data to a finished run of a few steps. */
async function trained(app: App, method: MethodName): Promise<void> {
  await app.open();
  await expect(app.device).toContainText(/GPU \(.*SwiftShader/i);
  await app.start.choose(upload('topics.csv', topicsCsv(12)));
  await app.data.opened();
  await app.useTinyModel();
  await app.go('train');
  await app.train.choose(method);
  await app.train.set('Epochs', 2);
  await app.train.set('Batch size', 8);
  await app.train.start();
  await app.train.finished();
  await app.go('evaluate');
  await app.evaluate.evaluated();
  await app.go('try');
  await app.try.field('Text').fill('will it rain tomorrow');
  await expect(app.try.answers).toHaveCount(TOPICS.length, { timeout: 60_000 });
  await app.go('export');
}

test('Thorough: all weights, and the whole model as a zip', async ({ app }) => {
  test.setTimeout(400_000);
  await trained(app, 'Thorough');
  const zip = await unzipped(await app.export.download('The whole model', true));
  expect(await app.export.difference('The whole model')).toBeLessThanOrEqual(1e-4);
  const config = json(zip, 'config.json');
  expect(config).toMatchObject({
    architectures: ['BertForSequenceClassification'],
    problem_type: 'single_label_classification',
  });
  expect(config['id2label']).toEqual(Object.fromEntries(TOPICS.map((label, index) => [String(index), label])));
  const weights = tensors(zip, 'model.safetensors');
  expect(weights.get('classifier.weight')?.shape).toEqual([3, 32]);
  expect(weights.get('bert.encoder.layer.1.attention.self.query.weight')?.shape).toEqual([32, 32]);
  expect([...weights.values()].every(({ values }) => values.every(Number.isFinite))).toBe(true);
});

test('Balanced: LoRA, the adapter alone and merged', async ({ app }) => {
  test.setTimeout(400_000);
  await trained(app, 'Balanced');
  const adapter = await unzipped(await app.export.download('The adapter alone', true));
  expect(json(adapter, 'adapter_config.json')).toMatchObject({
    peft_type: 'LORA',
    task_type: 'SEQ_CLS',
    r: 8,
    lora_alpha: 16,
  });
  const weights = tensors(adapter, 'adapter_model.safetensors');
  const query = 'base_model.model.bert.encoder.layer.0.attention.self.query';
  expect(weights.get(`${query}.lora_A.weight`)?.shape).toEqual([8, 32]);
  expect(weights.get(`${query}.lora_B.weight`)?.shape).toEqual([32, 8]);
  // B starts at zero: it has learned when it is not zero any more.
  expect(must(weights.get(`${query}.lora_B.weight`)).values.some((value) => value !== 0)).toBe(true);
  const merged = tensors(
    await unzipped(await app.export.download('The whole model, merged', true)),
    'model.safetensors',
  );
  expect([...merged.keys()].filter((name) => name.includes('lora'))).toEqual([]);
  expect(await app.export.difference('The whole model, merged')).toBeLessThanOrEqual(1e-4);
});
