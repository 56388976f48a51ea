/** What is measured, what it costs at least, and who takes part. */
import { decoderCounts, DECODERS, type DecoderName } from './decoder';
import { CONFIG, LABELS, LORA } from './minilm';

export type Backend = 'webgpu' | 'wasm';
export type Kind = 'full' | 'lora' | 'forward';
export type Library = 'ours' | 'tfjs' | 'jax' | 'onnxruntime';

export interface Work {
  name: string;
  title: string;
  /** MiniLM, or one of the decoders. */
  model: 'minilm' | DecoderName;
  /** The narrow MiniLM: for the time of the script alone, no peer takes part and no bound is told. */
  narrow?: true;
  kind: Kind;
  batch: number;
  length: number;
}

const SHAPE = '6 layers, hidden 384, 12 heads, feed-forward 1536';
export const WORKS: readonly Work[] = [
  {
    name: 'full-8x32',
    title: `MiniLM (${SHAPE}), full step, 8 × 32`,
    model: 'minilm',
    kind: 'full',
    batch: 8,
    length: 32,
  },
  {
    name: 'lora-8x32',
    title: `MiniLM, LoRA step (rank ${LORA.rank}, all linear layers), 8 × 32`,
    model: 'minilm',
    kind: 'lora',
    batch: 8,
    length: 32,
  },
  {
    name: 'forward-8x32',
    title: 'MiniLM, forward only, 8 × 32',
    model: 'minilm',
    kind: 'forward',
    batch: 8,
    length: 32,
  },
  { name: 'full-16x128', title: 'MiniLM, full step, 16 × 128', model: 'minilm', kind: 'full', batch: 16, length: 128 },
  {
    name: 'decoder-lora-8x32',
    title:
      'Decoder (4 blocks of SmolLM2-135M: hidden 576, 9 heads on 3, feed-forward 1536; vocabulary 512), ' +
      `LoRA step (rank ${LORA.rank}), 8 × 32`,
    model: 'smollm2-blocks',
    kind: 'lora',
    batch: 8,
    length: 32,
  },
  {
    name: 'stories-full-8x32',
    title:
      'Decoder (stories260K: 5 layers, hidden 64, 8 heads on 4, feed-forward 172, vocabulary 512), full step, 8 × 32',
    model: 'stories260K',
    kind: 'full',
    batch: 8,
    length: 32,
  },
];

/** What the script takes of a step. */
export const REPLAYED: Work = {
  name: 'replayed-8x32',
  title: 'MiniLM as deep and with as many words, but narrow: full step, 8 × 32',
  model: 'minilm',
  narrow: true,
  kind: 'full',
  batch: 8,
  length: 32,
};

export interface Contender {
  id: string;
  library: Library;
  backend: Backend;
  label: string;
  kinds: readonly Kind[];
  /** What is different about its work, where something is, by the work's name. */
  notes: Readonly<Record<string, string>>;
}

const TRAINS: readonly Kind[] = ['full', 'lora'];
const FROZEN = 'word embedding frozen: the backend has no UnsortedSegmentSum';
const PRODUCT = 'tokens looked up by a product with one-hot rows: the wasm backend has no gradient of a lookup';
const ONE_HOT = { 'decoder-lora-8x32': PRODUCT, 'stories-full-8x32': PRODUCT };

/** Ours first: the others are compared with it. */
export const CONTENDERS: readonly Contender[] = (['webgpu', 'wasm'] as const).flatMap((backend): Contender[] => [
  {
    id: `ours-${backend}`,
    library: 'ours',
    backend,
    label: `Tabtune, ${backend}`,
    kinds: ['full', 'lora', 'forward'],
    notes: {},
  },
  { id: `jax-${backend}`, library: 'jax', backend, label: `@jax-js/jax 0.1.25, ${backend}`, kinds: TRAINS, notes: {} },
  {
    id: `tfjs-${backend}`,
    library: 'tfjs',
    backend,
    label: `tfjs 4.22 plain ops, ${backend}`,
    kinds: TRAINS,
    notes: backend === 'wasm' ? { 'full-8x32': FROZEN, 'full-16x128': FROZEN, ...ONE_HOT } : ONE_HOT,
  },
  {
    id: `onnxruntime-${backend}`,
    library: 'onnxruntime',
    backend,
    label: `onnxruntime-web 1.30, ${backend}`,
    kinds: ['forward'],
    notes: {},
  },
]);

/** What is asked for and cannot be measured, with the reason. */
export const LEFT_OUT: readonly string[] = [
  '@genai-fi/nanogpt 1.3: it trains only its own GPT (rotary, its own norms), no encoder and no Llama, ' +
    'so none of the work above can be given to it.',
];

const linearParameters = (): number => {
  const { hidden_size: h, intermediate_size: f, num_hidden_layers: layers } = CONFIG;
  return layers * (4 * h * h + 2 * h * f);
};

const embeddingParameters = (): number =>
  (CONFIG.vocab_size + CONFIG.max_position_embeddings + CONFIG.type_vocab_size) * CONFIG.hidden_size;
const headParameters = (): number => (CONFIG.hidden_size + LABELS.length) * CONFIG.hidden_size;

/** Parameters of all adapters: rank · (in + out) a layer. */
const adapterParameters = (): number => {
  const { hidden_size: h, intermediate_size: f, num_hidden_layers: layers } = CONFIG;
  return LORA.rank * layers * (4 * 2 * h + 2 * (h + f));
};

/** As for the encoder; a causal score is computed for half of the pairs, and every token has its logits. */
function decoderOperations({ kind, batch, length }: Work, name: DecoderName): number {
  const tokens = batch * length;
  const { linear, head, adapters, attentionWidth } = decoderCounts(DECODERS[name]);
  const attention = 2 * batch * length * length * attentionWidth;
  const products = 2 * (linear + head) * tokens;
  if (kind === 'forward') return products + attention;
  return kind === 'full' ? 3 * (products + attention) : 2 * products + 3 * (2 * adapters * tokens + attention);
}

function decoderBytes({ kind, batch, length }: Work, name: DecoderName): number {
  const { linear, head, adapters, keptPerToken } = decoderCounts(DECODERS[name]);
  const moved = linear + head + 2 * keptPerToken * batch * length;
  return 4 * (kind === 'forward' ? moved : moved + linear + head + 8 * (kind === 'full' ? linear + head : adapters));
}

/**
 * Multiplications and additions in matrix products: 2 a weight and token forward, as many for the input gradient and,
 * where the weight is trained, for its own; attention has two products of [L, d]·[d, L] a head, twice that backward.
 * Everything else is left out.
 */
export function floatingPointOperations(work: Work): number {
  const { model, kind, batch, length } = work;
  if (model !== 'minilm') return decoderOperations(work, model);
  const tokens = batch * length;
  const linear = 2 * linearParameters() * tokens;
  const attention = CONFIG.num_hidden_layers * 4 * batch * length * length * CONFIG.hidden_size;
  const head = 2 * headParameters() * batch;
  if (kind === 'forward') return linear + attention + head;
  if (kind === 'full') return 3 * (linear + attention + head);
  return 2 * linear + 3 * (2 * adapterParameters() * tokens + attention + head);
}

/**
 * Values a token that each layer has to write forward and read backward: q, k, v, context, two sums, two norms, and the
 * wide layer before and after GELU.
 */
const keptPerToken = (): number => CONFIG.num_hidden_layers * (8 * CONFIG.hidden_size + 2 * CONFIG.intermediate_size);

/**
 * Bytes that have to be moved at least, in float32: weights read forward and backward; of what is trained, the gradient
 * written and read, weight and both moments read and written; kept activations written once and read once.
 */
export function bytesMoved(work: Work): number {
  const { model, kind, batch, length } = work;
  if (model !== 'minilm') return decoderBytes(work, model);
  const activations = keptPerToken() * batch * length;
  const used = linearParameters() + headParameters() + batch * length * CONFIG.hidden_size;
  if (kind === 'forward') return 4 * (used + 2 * activations);
  const trained =
    kind === 'full'
      ? linearParameters() + embeddingParameters() + headParameters()
      : adapterParameters() + headParameters();
  return 4 * (2 * used + 2 * activations + 8 * trained);
}
