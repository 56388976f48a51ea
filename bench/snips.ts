/**
 * Trains on SNIPS as the app does when nothing is changed, and tests on its validation file: the figure beside
 * transformers + PEFT's.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackendName } from '../src/domain/device';
import { HEADLINE, taskMetrics } from '../src/domain/metrics';
import type { SplitName } from '../src/domain/task';
import type { Method, LabelConfig } from '../src/domain/training-config';
import { openBackend } from '../src/engine/backend/backends';
import { useReferenceKernels } from '../src/engine/backend/host-memory';
import { buildModel } from '../src/engine/build-model';
import { describeEncoder } from '../src/engine/describe';
import { classification } from '../src/engine/learners/classification';
import { train } from '../src/engine/training/loop';
import type { BuildOptions, EncodedExample, TrainData } from '../src/engine/types';
import { readHfFolder } from '../src/formats/hf-folder';
import { EMBEDDED_MODELS } from '../src/hub/embedded';
import { exampleReader, mappingSchema } from '../src/lessons/classify/shared';
import { encodeExample } from '../src/lessons/classify/worker/rows';
import { open } from '../src/testing/data';
import { defaultConfig } from '../src/testing/settings';
import { loadTokenizer, tokenizersReady } from '../src/text/tokenizer';
import { mixedCsv } from './lib/snips-rows';

export interface SnipsResult {
  method: Method;
  seed: number;
  device: string;
  trainRows: number;
  testRows: number;
  accuracy: number;
  macroF1: number;
  seconds: number;
}

/** Everything that training on SNIPS takes, on the backend that is opened for it. */
interface SnipsLesson {
  device: string;
  options: BuildOptions & { training: LabelConfig };
  rows: TrainData;
  test: EncodedExample[];
}

/** @param more settings other than the app's own */
async function prepare(
  folder: string,
  method: Method,
  seed: number,
  backend: BackendName,
  more: Partial<LabelConfig> = {},
): Promise<SnipsLesson> {
  const { name: device } = await openBackend(backend, {
    wasmPath: join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/'),
  });
  const dataset = await open(mixedCsv(folder, 100, seed), 'snips.csv');
  const card = EMBEDDED_MODELS[0];
  if (!card) throw new Error('no embedded model');
  const files = card.files.map(({ path }) => {
    const bytes = new Uint8Array(readFileSync(join('public', card.folder, path)));
    return { path, size: bytes.length, bytes: () => Promise.resolve(bytes) };
  });
  const { config, tensors, tokenizerFiles } = await readHfFolder(files);
  await tokenizersReady();
  const tokenizer = loadTokenizer(tokenizerFiles, config);
  const about = describeEncoder(config, tensors);
  const { splitRows, labels } = dataset.info;
  const mapping = mappingSchema.parse(dataset.info.mapping);
  const training = {
    ...defaultConfig({ ...about, method, trainExamples: splitRows.train, recipe: card.recipes[method] ?? null }).config,
    seed,
    ...more,
  };
  const read = exampleReader(mapping, dataset.info);
  const encoded = (split: SplitName): EncodedExample[] =>
    [...dataset.cellsOf(split)]
      .flatMap(([row, cells]) => read(row, cells) ?? [])
      .map((example) => encodeExample(tokenizer, example, training.maxLength));
  const rows = { train: encoded('train'), validation: encoded('validation') };
  return {
    device,
    options: { config, tensors, task: mapping.task, labels: labels.map((label) => label.name), training },
    rows,
    test: encoded('test'),
  };
}

/**
 * The losses of the first steps of full fine-tuning, four rows a step, dropout as usual.
 * @param reference on plain tfjs operations instead of our kernels
 */
export async function firstLosses(
  folder: string,
  backend: BackendName,
  reference: boolean,
  steps: number,
): Promise<{ device: string; losses: number[] }> {
  const { device, options, rows } = await prepare(folder, 'full', 1, backend, { batchSize: 4 });
  useReferenceKernels(reference);
  const model = await buildModel(options);
  const losses: number[] = [];
  for await (const event of train(
    classification(model, rows, options.training, new AbortController().signal),
    options.training,
  )) {
    if (event.type === 'step') losses.push(event.record.loss);
    if (losses.length === steps) break;
  }
  model.dispose();
  useReferenceKernels(false);
  return { device, losses };
}

/** @param folder where intents.train.csv and intents.validation.csv are */
export async function runSnips(
  folder: string,
  method: Method,
  seed: number,
  backend: BackendName,
): Promise<SnipsResult> {
  const { device, options, rows, test } = await prepare(folder, method, seed, backend);
  const { training, labels: names, task } = options;
  const start = performance.now();
  const model = await buildModel(options);
  for await (const event of train(classification(model, rows, training, new AbortController().signal), training))
    if (event.type === 'step' && event.record.step % 22 === 0)
      console.error(`  step ${event.record.step}/${event.record.totalSteps} loss ${event.record.loss.toFixed(3)}`);
  const logits = await model.predict(test);
  const seconds = (performance.now() - start) / 1000;
  model.dispose();
  const metrics = taskMetrics(
    task,
    names,
    test.map(({ label }) => label),
    logits,
  );
  if (metrics.task !== 'single-label') throw new Error('SNIPS was not read as one label a row');
  return {
    method,
    seed,
    device,
    trainRows: rows.train.length,
    testRows: test.length,
    accuracy: HEADLINE[metrics.task].of(metrics),
    macroF1: metrics.macroF1,
    seconds,
  };
}
