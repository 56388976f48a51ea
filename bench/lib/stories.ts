/**
 * Full fine-tuning of a tiny real Llama on 200 short texts; the same batches and settings go to transformers
 * (stories_reference.py).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackendName } from '../../src/domain/device';
import { defaultLanguageConfig } from '../../src/testing/settings';
import { openBackend } from '../../src/engine/backend/backends';
import { epochBatches } from '../../src/engine/training/batches';
import { buildLanguageModel } from '../../src/engine/build-language-model';
import { answers, type SequenceRow } from '../../src/engine/learners/language';
import { decoderSpec } from '../../src/engine/models';
import { warmupSteps } from '../../src/engine/training/schedule';
import { train } from '../../src/engine/training/loop';
import { readSafetensors } from '../../src/formats/safetensors';
import { loadTokenizer, tokenizersReady } from '../../src/text/tokenizer';
import { snipsRows } from './snips-rows';

export interface StoriesOptions {
  /** The model's folder, and that of SNIPS, whose sentences are the texts. */
  model: string;
  data: string;
  backend: BackendName;
  epochs: number;
  seed: number;
}

/** All that another library needs to repeat the run. */
export interface StoriesRecipe {
  train: number[][];
  validation: number[][];
  /** Numbers of the training texts in each batch, by epoch. */
  batches: number[][][];
  learningRate: number;
  warmupSteps: number;
  maxGradNorm: number;
}

export interface StoriesResult {
  device: string;
  seed: number;
  steps: number;
  seconds: number;
  /** Mean loss a token on 50 texts that are not trained on. */
  before: number;
  after: number;
  recipe: StoriesRecipe;
}

const [TRAINED, VALIDATED, PER_LABEL] = [200, 50, 30];
const LEARNING_RATE = 1e-3;

/** The sentence of a line `text,label`; some are in quotes. */
const sentence = (line: string): string =>
  line
    .slice(0, line.lastIndexOf(','))
    .replace(/^"(.*)"$/, '$1')
    .replaceAll('""', '"');

export async function runStories(options: StoriesOptions): Promise<StoriesResult> {
  const { name: device } = await openBackend(options.backend, {
    wasmPath: join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/'),
  });
  const file = (name: string): Uint8Array => new Uint8Array(readFileSync(join(options.model, name)));
  const config = JSON.parse(new TextDecoder().decode(file('config.json'))) as Record<string, unknown>;
  const { tensors } = readSafetensors(file('model.safetensors'), 'model.safetensors');
  await tokenizersReady();
  const tokenizer = loadTokenizer(
    new Map(['tokenizer.json', 'tokenizer_config.json'].map((name) => [name, file(name)])),
    config,
  );
  const row = (line: string, at: number): SequenceRow => {
    const ids = Int32Array.from([
      ...tokenizer.encode(sentence(line), null, Number.MAX_SAFE_INTEGER).ids,
      Number(config['eos_token_id']),
    ]);
    return { row: at + 1, ids, trained: new Uint8Array(ids.length).fill(1) };
  };
  const snips = snipsRows(options.data, PER_LABEL, options.seed);
  const rows = { train: snips.train.slice(0, TRAINED).map(row), validation: snips.test.slice(0, VALIDATED).map(row) };
  const { linearModules, hiddenSize, maxPositions } = decoderSpec(config);
  const { config: defaults } = defaultLanguageConfig({
    method: 'full',
    task: 'chat',
    hiddenSize,
    trainRows: TRAINED,
    maxPositions,
    linearModules,
    recipe: null,
    template: 'own',
  });
  const settings = { ...defaults, learningRate: LEARNING_RATE, epochs: options.epochs, seed: options.seed };
  const model = buildLanguageModel({ config, tensors, training: settings });
  const learner = answers(model, rows, settings);
  const { loss: before } = await learner.validate(new AbortController().signal);
  const begun = performance.now();
  let steps = 0;
  for await (const event of train(learner, settings)) if (event.type === 'step') steps = event.record.step;
  const seconds = (performance.now() - begun) / 1000;
  const { loss: after } = await learner.validate(new AbortController().signal);
  model.dispose();
  return {
    device,
    seed: options.seed,
    steps,
    seconds,
    before,
    after,
    recipe: {
      train: rows.train.map(({ ids }) => [...ids]),
      validation: rows.validation.map(({ ids }) => [...ids]),
      batches: Array.from({ length: settings.epochs }, (_, epoch) =>
        epochBatches(learner.lengths, settings.batchSize, settings.seed, epoch),
      ),
      learningRate: settings.learningRate,
      warmupSteps: warmupSteps(settings.warmupRatio, steps),
      maxGradNorm: settings.maxGradNorm,
    },
  };
}
