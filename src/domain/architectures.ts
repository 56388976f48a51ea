/**
 * THE list of architectures: what everybody but the engine needs to know of each, by `model_type`. How they compute is
 * said in engine/models/<architecture>/spec.ts, how GGUF files hold them in formats/gguf/models; both are asked for by
 * the compiler for every name here. A name occurs nowhere else.
 */

/** Fields of config.json that give a model its size. */
interface SizeFields {
  width: string;
  layers: string;
  heads: string;
  more: readonly string[];
}

interface Encoder {
  title: string;
  /** What transformers' classes begin with, e.g. `Bert`. */
  family: string;
  /** What a classifier puts before the names of the bare encoder, e.g. `bert.`. */
  prefix: string;
  sizes: SizeFields;
  /** Whether it tells the two texts of a pair apart by token types, if config.json has some. */
  tokenTypes: boolean;
  fanInFanOut: false;
}

interface Decoder {
  title: string;
  /** transformers' class, e.g. `LlamaForCausalLM`. */
  className: string;
  sizes: SizeFields;
  /** Whether linear layers are stored [in, out] (transformers' Conv1D), which PEFT calls `fan_in_fan_out`. */
  fanInFanOut: boolean;
  /** Whether the output matrix is the word embedding where config.json does not say. */
  tied: boolean;
}

const USUAL: SizeFields = {
  width: 'hidden_size',
  layers: 'num_hidden_layers',
  heads: 'num_attention_heads',
  more: ['intermediate_size', 'vocab_size', 'max_position_embeddings'],
};

export const ENCODERS = {
  bert: { title: 'BERT', family: 'Bert', prefix: 'bert.', sizes: USUAL, tokenTypes: true, fanInFanOut: false },
  distilbert: {
    title: 'DistilBERT',
    family: 'DistilBert',
    prefix: 'distilbert.',
    sizes: {
      width: 'dim',
      layers: 'n_layers',
      heads: 'n_heads',
      more: ['hidden_dim', 'vocab_size', 'max_position_embeddings'],
    },
    tokenTypes: false,
    fanInFanOut: false,
  },
  roberta: {
    title: 'RoBERTa',
    family: 'Roberta',
    prefix: 'roberta.',
    sizes: USUAL,
    tokenTypes: true,
    fanInFanOut: false,
  },
  'xlm-roberta': {
    title: 'XLM-RoBERTa',
    family: 'XLMRoberta',
    prefix: 'roberta.',
    sizes: USUAL,
    tokenTypes: true,
    fanInFanOut: false,
  },
} satisfies Record<string, Encoder>;

export const DECODERS = {
  llama: { title: 'Llama', className: 'LlamaForCausalLM', sizes: USUAL, fanInFanOut: false, tied: false },
  qwen2: { title: 'Qwen 2', className: 'Qwen2ForCausalLM', sizes: USUAL, fanInFanOut: false, tied: false },
  qwen3: { title: 'Qwen 3', className: 'Qwen3ForCausalLM', sizes: USUAL, fanInFanOut: false, tied: false },
  gpt2: {
    title: 'GPT-2',
    className: 'GPT2LMHeadModel',
    sizes: { width: 'n_embd', layers: 'n_layer', heads: 'n_head', more: ['vocab_size', 'n_positions'] },
    fanInFanOut: true,
    tied: true,
  },
} satisfies Record<string, Decoder>;

export type EncoderArchitecture = keyof typeof ENCODERS;
export type DecoderArchitecture = keyof typeof DECODERS;

const namesOf = <T extends string>(table: Record<T, unknown>): readonly T[] => Object.keys(table) as T[];

export const ENCODER_ARCHITECTURES = namesOf(ENCODERS);
export const DECODER_ARCHITECTURES = namesOf(DECODERS);

/** The encoder or decoder that a `model_type` names, or undefined. */
export const encoderNamed = (type: unknown): EncoderArchitecture | undefined =>
  ENCODER_ARCHITECTURES.find((name) => name === type);
export const decoderNamed = (type: unknown): DecoderArchitecture | undefined =>
  DECODER_ARCHITECTURES.find((name) => name === type);

/** Whether a language model's output matrix is its word embedding, as transformers has it. */
export function tiesEmbeddings(config: Readonly<Record<string, unknown>>): boolean {
  const said = config['tie_word_embeddings'];
  const decoder = decoderNamed(config['model_type']);
  return typeof said === 'boolean' ? said : decoder !== undefined && DECODERS[decoder].tied;
}

/** What is known of an architecture of the list. */
export const architectureNamed = (name: EncoderArchitecture | DecoderArchitecture): Encoder | Decoder =>
  ({ ...ENCODERS, ...DECODERS })[name];

/** Names for people: `BERT, DistilBERT …`. */
export const titlesOf = (table: Record<string, { title: string }>): string =>
  Object.values(table)
    .map(({ title }) => title)
    .join(', ');
