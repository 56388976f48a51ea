/**
 * The one definition of the measured model: a MiniLM-L6-shaped BERT classifier with random weights, its adapters, its
 * batch.
 */
import { must } from '../../src/base/assert';
import { SeededRandom } from '../../src/base/random';

/**
 * `config.json` of the model. Dropout stands at the model's own rate; the bench switches it off, for it differs from
 * library to library.
 */
export const CONFIG = {
  model_type: 'bert',
  vocab_size: 30522,
  hidden_size: 384,
  num_hidden_layers: 6,
  num_attention_heads: 12,
  intermediate_size: 1536,
  max_position_embeddings: 512,
  type_vocab_size: 2,
  layer_norm_eps: 1e-12,
  hidden_dropout_prob: 0.1,
  attention_probs_dropout_prob: 0.1,
  id2label: { 0: 'a', 1: 'b', 2: 'c' },
};

/**
 * As deep and with as many words, but narrow: the GPU is done soon, and what a step takes of the script is the same.
 */
export const NARROW = { ...CONFIG, hidden_size: 48, intermediate_size: 96 };

export const LABELS = ['a', 'b', 'c'];
export const HEAD_SIZE = CONFIG.hidden_size / CONFIG.num_attention_heads;
/** Rank, scaling and learning rates of the measured steps. */
export const LORA = { rank: 8, alpha: 16 };
export const ADAMW = {
  learningRate: { full: 1e-5, lora: 1e-4 },
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
};

export interface Weight {
  /** Hugging Face name. */
  name: string;
  /** Hugging Face layout: a linear layer is [out, in]. */
  shape: readonly number[];
  values: Float32Array<ArrayBuffer>;
}

/** Names of the linear layers of encoder layer `index`, with [out, in]. */
export function linearLayers(
  index: number,
  { hidden_size: h, intermediate_size: f } = CONFIG,
): { name: string; shape: readonly [number, number] }[] {
  const layer = `bert.encoder.layer.${index}`;
  return [
    { name: `${layer}.attention.self.query`, shape: [h, h] },
    { name: `${layer}.attention.self.key`, shape: [h, h] },
    { name: `${layer}.attention.self.value`, shape: [h, h] },
    { name: `${layer}.attention.output.dense`, shape: [h, h] },
    { name: `${layer}.intermediate.dense`, shape: [f, h] },
    { name: `${layer}.output.dense`, shape: [h, f] },
  ];
}

export const layerIndices = (): number[] => Array.from({ length: CONFIG.num_hidden_layers }, (_, i) => i);

function shapes(config: typeof CONFIG): Map<string, readonly number[]> {
  const { hidden_size: h } = config;
  const all = new Map<string, readonly number[]>();
  const linear = (name: string, shape: readonly [number, number]): void =>
    void all.set(`${name}.weight`, shape).set(`${name}.bias`, [shape[0]]);
  const norm = (name: string): void => void all.set(`${name}.weight`, [h]).set(`${name}.bias`, [h]);
  all.set('bert.embeddings.word_embeddings.weight', [CONFIG.vocab_size, h]);
  all.set('bert.embeddings.position_embeddings.weight', [CONFIG.max_position_embeddings, h]);
  all.set('bert.embeddings.token_type_embeddings.weight', [CONFIG.type_vocab_size, h]);
  norm('bert.embeddings.LayerNorm');
  for (const i of layerIndices()) {
    for (const { name, shape } of linearLayers(i, config)) linear(name, shape);
    norm(`bert.encoder.layer.${i}.attention.output.LayerNorm`);
    norm(`bert.encoder.layer.${i}.output.LayerNorm`);
  }
  linear('bert.pooler.dense', [h, h]);
  linear('classifier', [LABELS.length, h]);
  return all;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/**
 * Uniform values of variance 1 / in for matrices, so that the logits depend on every layer; norms near 1, biases near
 * 0.
 */
function drawn(name: string, shape: readonly number[]): Float32Array<ArrayBuffer> {
  const random = new SeededRandom(1, name);
  const centre = name.includes('LayerNorm.weight') ? 1 : 0;
  const spread = shape.length === 1 ? 0.02 : name.includes('embeddings') ? 0.1 : Math.sqrt(3 / must(shape[1]));
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = centre + spread * (2 * random.next() - 1);
  return values;
}

/** Every weight of the model under its Hugging Face name. */
export const minilmWeights = (config = CONFIG): Weight[] =>
  [...shapes(config)].map(([name, shape]) => ({ name, shape, values: drawn(name, shape) }));

/**
 * Adapters of all linear layers of the body, named as PEFT does without its prefix: A [rank, in] drawn, B [out, rank]
 * zero.
 */
export function loraWeights(): Weight[] {
  return layerIndices()
    .flatMap((i) => linearLayers(i))
    .flatMap(({ name, shape: [out, inputs] }) => {
      const a = `${name}.lora_A.weight`;
      return [
        { name: a, shape: [LORA.rank, inputs], values: drawn(a, [LORA.rank, inputs]) },
        { name: `${name}.lora_B.weight`, shape: [out, LORA.rank], values: new Float32Array(out * LORA.rank) },
      ];
    });
}

/** Modules that are trained in full beside the adapters. */
export const SAVED_MODULES = ['classifier', 'pooler'];

/** Whether a weight of the model is trained. */
export const isTrained = (name: string, kind: 'full' | 'lora' | 'forward'): boolean =>
  kind === 'full' ||
  (kind === 'lora' && (name.includes('.lora_') || name.startsWith('classifier.') || name.startsWith('bert.pooler.')));

export interface Batch {
  batch: number;
  length: number;
  /** batch·length token ids; all tokens are real. */
  ids: Int32Array<ArrayBuffer>;
  /** One class a row. */
  labels: Int32Array<ArrayBuffer>;
}

/** The same batch for everyone, at every step. */
export function minilmBatch(batch: number, length: number): Batch {
  const random = new SeededRandom(1, 'tokens');
  // Ids from 1: 0 is padding.
  const ids = Int32Array.from({ length: batch * length }, () => 1 + random.below(CONFIG.vocab_size - 1));
  return { batch, length, ids, labels: Int32Array.from({ length: batch }, (_, i) => i % LABELS.length) };
}

/**
 * A [rows, columns] matrix as [columns, rows]: libraries of the JAX and Keras tradition hold a linear layer as [in,
 * out].
 */
export function transposed(values: Float32Array, rows: number, columns: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = must(values[r * columns + c]);
  return out;
}

/** Whether a weight belongs to a linear layer (and not to an embedding or a norm). */
export const isLinearMatrix = ({ name, shape }: Weight): boolean => shape.length === 2 && !name.includes('embeddings');

/** Mean cross-entropy of logits [batch, labels], row-major. */
export function crossEntropy(logits: ArrayLike<number>, labels: Int32Array): number {
  const classes = LABELS.length;
  let total = 0;
  labels.forEach((label, row) => {
    const values = Array.from({ length: classes }, (_, c) => must(logits[row * classes + c]));
    const highest = Math.max(...values);
    total +=
      highest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - highest), 0)) - must(values[label]);
  });
  return total / labels.length;
}
