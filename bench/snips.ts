/** Trains on SNIPS as the app does when nothing is changed, and tests on its validation file: the figure beside transformers + PEFT's. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesSource, memoryStore } from '../src/base/bytes';
import { Dataset } from '../src/data/dataset';
import { labelMapping } from '../src/domain/dataset';
import type { BackendName } from '../src/domain/device';
import { HEADLINE, taskMetrics } from '../src/domain/metrics';
import type { Example } from '../src/domain/task';
import { defaultConfig, type Method } from '../src/domain/training-config';
import { openBackend } from '../src/engine/backend/backends';
import { buildModel } from '../src/engine/build-model';
import { describeEncoder } from '../src/engine/describe';
import { classification } from '../src/engine/learners/classification';
import { train } from '../src/engine/train';
import type { EncodedExample } from '../src/engine/types';
import { readHfFolder } from '../src/formats/hf-folder';
import { EMBEDDED_MODELS } from '../src/hub/embedded';
import { loadTokenizer } from '../src/text/tokenizer';
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

/** @param folder where intents.train.csv and intents.validation.csv are */
export async function runSnips(folder: string, method: Method, seed: number, backend: BackendName): Promise<SnipsResult> {
  const { name: device } = await openBackend(backend, { wasmPath: join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/') });
  const csv = new TextEncoder().encode(mixedCsv(folder, 100, seed));
  const dataset = await Dataset.import(bytesSource('snips.csv', csv), 'snips', { rows: memoryStore(), index: memoryStore() }, { durable: false });
  const card = EMBEDDED_MODELS[0];
  if (!card) throw new Error('no embedded model');
  const files = card.files.map(({ path }) => {
    const bytes = new Uint8Array(readFileSync(join('public', card.folder, path)));
    return { path, size: bytes.length, bytes: () => Promise.resolve(bytes) };
  });
  const { config, tensors, tokenizerFiles } = await readHfFolder(files);
  const tokenizer = loadTokenizer(tokenizerFiles, config);
  const about = describeEncoder(config, tensors);
  const { splitRows, labels } = dataset.info;
  const mapping = labelMapping(dataset.info.mapping);
  const training = {
    ...defaultConfig({ ...about, method, trainExamples: splitRows.train, recipe: card.recipes[method] ?? null }).config,
    seed,
  };
  const encode = ({ row, text, textPair, label }: Example): EncodedExample => {
    const { ids, typeIds } = tokenizer.encode(text, textPair ?? null, training.maxLength);
    return { row, ids, typeIds, label };
  };
  const rows = { train: [...dataset.examples('train')].map(encode), validation: [...dataset.examples('validation')].map(encode) };
  const test = [...dataset.examples('test')].map(encode);
  const names = labels.map((label) => label.name);
  const start = performance.now();
  const model = await buildModel({ config, tensors, task: mapping.task, labels: names, training });
  const steering = { signal: new AbortController().signal, paused: false, stopRequested: false, whilePaused: () => Promise.resolve() };
  for await (const event of train(classification(model, rows, training, steering.signal), training, steering))
    if (event.type === 'step' && event.record.step % 22 === 0) console.error(`  step ${event.record.step}/${event.record.totalSteps} loss ${event.record.loss.toFixed(3)}`);
  const logits = await model.predict(test);
  const seconds = (performance.now() - start) / 1000;
  model.dispose();
  const metrics = taskMetrics(mapping.task, names, test.map(({ label }) => label), logits);
  if (metrics.task !== 'single-label') throw new Error('SNIPS was not read as one label a row');
  return { method, seed, device, trainRows: rows.train.length, testRows: test.length, accuracy: HEADLINE[metrics.task].of(metrics), macroF1: metrics.macroF1, seconds };
}
