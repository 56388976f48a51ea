/** For tests: a tiny random BERT with a word-level vocabulary, as files of a folder in the Hugging Face layout. */
import { SeededRandom } from '../base/random';
import { fromFloat32 } from '../formats/dtype';
import { writeSafetensors } from '../formats/safetensors';
import type { NamedTensor } from '../formats/tensor';

const HIDDEN = 16;
export const INNER = 32;
const LAYERS = 2;
const POSITIONS = 32;
const WORDS = 'good great nice lovely fine bad awful poor nasty sad the a film food day was is very so and not'.split(
  ' ',
);
const VOCABULARY = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...WORDS];

const CONFIG = {
  model_type: 'bert',
  architectures: ['BertModel'],
  vocab_size: VOCABULARY.length,
  hidden_size: HIDDEN,
  num_hidden_layers: LAYERS,
  num_attention_heads: 2,
  intermediate_size: INNER,
  max_position_embeddings: POSITIONS,
  type_vocab_size: 2,
  hidden_act: 'gelu',
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  layer_norm_eps: 1e-12,
  pad_token_id: 0,
  initializer_range: 0.02,
};

/** @param poison makes the embedding of this word not a number */
function tensors(poison: string | null): NamedTensor[] {
  const random = new SeededRandom(11, 'tiny-bert');
  const made: NamedTensor[] = [];
  const add = (name: string, shape: number[], value: () => number): void => {
    const size = shape.reduce((a, b) => a * b, 1);
    made.push(fromFloat32(name, shape, Float32Array.from({ length: size }, value)));
  };
  const matrix = (name: string, shape: number[]): void => add(name, shape, () => random.normal() * 0.15);
  const linear = (name: string, out: number, inputs: number): void => {
    matrix(`${name}.weight`, [out, inputs]);
    add(`${name}.bias`, [out], () => 0);
  };
  const norm = (name: string): void => {
    add(`${name}.weight`, [HIDDEN], () => 1);
    add(`${name}.bias`, [HIDDEN], () => 0);
  };
  const bad = poison === null ? -1 : VOCABULARY.indexOf(poison) * HIDDEN;
  let at = 0;
  add('embeddings.word_embeddings.weight', [VOCABULARY.length, HIDDEN], () => (at++ === bad ? NaN : random.normal()));
  matrix('embeddings.position_embeddings.weight', [POSITIONS, HIDDEN]);
  matrix('embeddings.token_type_embeddings.weight', [2, HIDDEN]);
  norm('embeddings.LayerNorm');
  for (let layer = 0; layer < LAYERS; layer++) {
    const at = `encoder.layer.${layer}`;
    for (const part of ['query', 'key', 'value']) linear(`${at}.attention.self.${part}`, HIDDEN, HIDDEN);
    linear(`${at}.attention.output.dense`, HIDDEN, HIDDEN);
    norm(`${at}.attention.output.LayerNorm`);
    linear(`${at}.intermediate.dense`, INNER, HIDDEN);
    linear(`${at}.output.dense`, HIDDEN, INNER);
    norm(`${at}.output.LayerNorm`);
  }
  linear('pooler.dense', HIDDEN, HIDDEN);
  return made;
}

/** Files as a person would drop them, below one top folder. */
export function tinyModelFiles(poison: string | null = null): { path: string; file: File }[] {
  const files: [string, BlobPart][] = [
    ['config.json', JSON.stringify(CONFIG)],
    ['model.safetensors', writeSafetensors(tensors(poison))],
    ['vocab.txt', VOCABULARY.join('\n')],
    ['tokenizer_config.json', JSON.stringify({ do_lower_case: true })],
  ];
  return files.map(([name, content]) => ({ path: `tiny/${name}`, file: new File([content], name) }));
}

/** Rows that the tiny model can learn: a CSV of text and label. */
export function moodCsv(rows: number): string {
  const random = new SeededRandom(5, 'mood');
  const pick = (words: readonly string[]): string => words[random.below(words.length)] ?? '';
  const lines = Array.from({ length: rows }, (_, i) => {
    const happy = i % 2 === 0;
    const mood = happy ? WORDS.slice(0, 5) : WORDS.slice(5, 10);
    return (
      `${pick(['the', 'a'])} ${pick(['film', 'food', 'day'])} ${pick(['was', 'is'])} ` +
      `${pick(['very', 'so'])} ${pick(mood)} and ${pick(mood)},${happy ? 'happy' : 'unhappy'}`
    );
  });
  return ['text,label', ...lines].join('\n');
}
