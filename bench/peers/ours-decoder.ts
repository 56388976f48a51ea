/** Tabtune's decoder: the app's own training loop, fed with the one batch as its whole training split. */
import { defaultLanguageConfig, type LanguageConfig } from '../../src/testing/settings';
import { openBackend } from '../../src/engine/backend/backends';
import { buildLanguageModel } from '../../src/engine/build-language-model';
import { answers } from '../../src/engine/learners/language';
import { decoderSpec } from '../../src/engine/models';
import { train } from '../../src/engine/training/loop';
import type { OpenOptions, Runner } from '../lib/contract';
import {
  configOf,
  decoderAdapters,
  DECODERS,
  decoderSequences,
  decoderWeights,
  type DecoderName,
} from '../lib/decoder';
import { ADAMW, LORA } from '../lib/minilm';
import type { Work } from '../lib/work';
import { named, nextLosses } from './ours';

/** The app's settings, with what would make libraries differ switched off. */
function settings({ kind, batch, length }: Work, config: Record<string, unknown>): LanguageConfig {
  const method = kind === 'lora' ? 'lora' : 'full';
  const { linearModules, hiddenSize, maxPositions } = decoderSpec(config);
  const { config: defaults } = defaultLanguageConfig({
    method,
    task: 'chat',
    hiddenSize,
    trainRows: batch,
    maxPositions,
    linearModules,
    recipe: null,
    template: 'own',
  });
  return {
    ...defaults,
    learningRate: ADAMW.learningRate[method],
    weightDecay: ADAMW.weightDecay,
    epochs: 1000,
    batchSize: batch,
    maxLength: length,
    schedule: 'constant',
    warmupRatio: 0,
    maxGradNorm: 0,
    lora: { ...defaults.lora, rank: LORA.rank, alpha: LORA.alpha, dropout: 0 },
  };
}

export async function open(work: Work, { backend, baseUrl }: OpenOptions): Promise<Runner> {
  const { name } = await openBackend(backend, { wasmPath: new URL('wasm/', baseUrl).href });
  const shape = DECODERS[work.model as DecoderName];
  const config = configOf(shape);
  const training = settings(work, config);
  const adapter = work.kind === 'lora' ? { adapter: named(decoderAdapters(shape), 'base_model.model.') } : {};
  const model = buildLanguageModel({ config, tensors: named(decoderWeights(shape)), training, ...adapter });
  const rows = decoderSequences(shape, work.batch, work.length).map((ids, i) => ({
    row: i + 1,
    ids,
    trained: new Uint8Array(ids.length).fill(1),
  }));
  const events = train(answers(model, { train: rows, validation: [] }, training), training);
  return { device: name, run: (steps) => nextLosses(events, steps) };
}
