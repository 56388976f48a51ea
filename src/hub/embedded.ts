/** The base models that come with the app, with the recipes measured for each. */
import { TabtuneError } from '../base/errors';
import type { EmbeddedModelCard } from '../domain/model';

const MINILM_FILES = [
  { path: 'config.json', bytes: 612 },
  { path: 'tokenizer_config.json', bytes: 350 },
  { path: 'special_tokens_map.json', bytes: 112 },
  { path: 'vocab.txt', bytes: 231_508 },
  { path: 'tokenizer.json', bytes: 466_247 },
  { path: 'model.safetensors', bytes: 45_437_760 },
];

/** Bold rows of the table in public/models/all-MiniLM-L6-v2/SOURCE.md. */
const MINILM: EmbeddedModelCard = {
  id: 'all-MiniLM-L6-v2',
  name: 'all-MiniLM-L6-v2',
  hubId: 'sentence-transformers/all-MiniLM-L6-v2',
  architecture: 'bert',
  folder: 'models/all-MiniLM-L6-v2',
  files: MINILM_FILES,
  bytes: MINILM_FILES.reduce((sum, { bytes }) => sum + bytes, 0),
  parameters: 22_713_216,
  licence: 'Apache-2.0',
  goodAt: 'Short English texts: intents, topics, sentiment, similarity. Small and quick, a good first choice.',
  recipes: {
    full: {
      learningRate: 2e-4,
      epochs: 3,
      batchSize: 16,
      schedule: 'linear',
      warmupRatio: 0.1,
      weightDecay: 0.01,
      maxGradNorm: 1,
    },
    lora: {
      learningRate: 2e-3,
      epochs: 3,
      batchSize: 16,
      schedule: 'linear',
      warmupRatio: 0.1,
      weightDecay: 0.01,
      maxGradNorm: 1,
      lora: {
        rank: 8,
        alpha: 16,
        dropout: 0.1,
        targetModules: ['query', 'key', 'value', 'attention.output.dense', 'intermediate.dense', 'output.dense'],
        modulesToSave: ['classifier', 'pooler'],
      },
    },
    head: { learningRate: 1e-2, epochs: 30, batchSize: 32, schedule: 'constant', warmupRatio: 0 },
  },
};

const SMOLLM2_FILES = [{ path: 'SmolLM2-135M-Instruct.Q4_1.gguf', bytes: 98_362_432 }];

/** The rate was measured on 50 questions and answers: bench/faq.mjs. */
const SMOLLM2: EmbeddedModelCard = {
  id: 'SmolLM2-135M-Instruct',
  name: 'SmolLM2-135M-Instruct',
  hubId: 'HuggingFaceTB/SmolLM2-135M-Instruct',
  architecture: 'llama',
  folder: 'models/SmolLM2-135M-Instruct',
  files: SMOLLM2_FILES,
  bytes: SMOLLM2_FILES.reduce((sum, { bytes }) => sum + bytes, 0),
  parameters: 134_515_008,
  licence: 'Apache-2.0',
  goodAt:
    'A small assistant in English: teach it your questions and answers, or how to answer. It writes, so ' +
    'it needs more patience than a classifier.',
  recipes: { lora: { learningRate: 1e-3, lora: { rank: 16, alpha: 32 } } },
};

export const EMBEDDED_MODELS: readonly EmbeddedModelCard[] = [MINILM, SMOLLM2];

/** The card with this id; throws `not-found` when the app has none. */
export function embeddedModel(id: string): EmbeddedModelCard {
  const card = EMBEDDED_MODELS.find((model) => model.id === id);
  if (!card)
    throw new TabtuneError('not-found', `There is no embedded model "${id}".`, {
      fix: `Choose one of: ${EMBEDDED_MODELS.map((model) => model.id).join(', ')}.`,
    });
  return card;
}
