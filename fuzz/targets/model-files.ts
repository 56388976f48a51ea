/**
 * The small JSON files of a model folder: config.json, generation_config.json, adapters, an index of shards, modules,
 * and the Hub's answers.
 */
import fc from 'fast-check';
import { GENERATION_BOUNDS, checkGeneration, generationSettings } from '../../src/domain/generation';
import { labelNames } from '../../src/engine/models/config';
import { encoderSpec } from '../../src/engine/models';
import { readChatFiles } from '../../src/formats/chat-files';
import { memoryFile } from '../../src/formats/folder';
import { describeConfig } from '../../src/formats/hf-config';
import { licenceOf, readHfFolder } from '../../src/formats/hf-folder';
import { parseJsonObject } from '../../src/formats/json-file';
import { readPeftAdapter } from '../../src/formats/peft';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors';
import { chooseFiles } from '../../src/hub/choose-files';
import { lookUpModel } from '../../src/hub/hub-api';
import { parseHubName } from '../../src/hub/hub-id';
import { agree, fuzzTarget, holds, outcomeOf } from '../target';
import { spoiltJson, spoiltText, utf8 } from '../hostile';

const usual = {
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 16,
  vocab_size: 30,
  max_position_embeddings: 16,
  type_vocab_size: 2,
  pad_token_id: 0,
  hidden_act: 'gelu',
  hidden_dropout_prob: 0.1,
  attention_probs_dropout_prob: 0.1,
  layer_norm_eps: 1e-12,
  initializer_range: 0.02,
  position_embedding_type: 'absolute',
  id2label: { 0: 'a', 1: 'b' },
  label2id: { a: 0, b: 1 },
  architectures: ['BertForSequenceClassification'],
  is_decoder: false,
  is_encoder_decoder: false,
  torch_dtype: 'float32',
};
const CONFIGS: Record<string, unknown>[] = [
  { model_type: 'bert', ...usual },
  { model_type: 'roberta', ...usual, pad_token_id: 1 },
  { model_type: 'xlm-roberta', ...usual, pad_token_id: 1 },
  {
    model_type: 'distilbert',
    dim: 8,
    n_layers: 2,
    n_heads: 2,
    hidden_dim: 16,
    vocab_size: 30,
    max_position_embeddings: 16,
    activation: 'gelu',
    dropout: 0.1,
    attention_dropout: 0.1,
    pad_token_id: 0,
  },
];
const anyConfig = spoiltText(spoiltJson(fc.constantFrom(...CONFIGS)), ['{', '}', ',', '"', '1', '\ufeff', 'null']);

export const modelConfig = fuzzTarget(
  'config.json',
  fc.oneof({ weight: 3, arbitrary: spoiltJson(fc.constantFrom(...CONFIGS)) }, { weight: 1, arbitrary: anyConfig }),
  async (text) => {
    const read = await outcomeOf(() => {
      const config = parseJsonObject(utf8(text), 'config.json');
      describeConfig(config);
      return { config, spec: encoderSpec(config) };
    });
    if (!read.ok) return false;
    const { config, spec } = read.value;
    agree(config, JSON.parse(text.replace(/^\ufeff/, '')), 'JSON.parse reads another configuration');
    for (const size of [
      spec.hiddenSize,
      spec.layers,
      spec.heads,
      spec.intermediateSize,
      spec.vocabularySize,
      spec.maxPositions,
    ])
      holds(Number.isSafeInteger(size) && size > 0, `${size} is no size`);
    holds(spec.hiddenSize % spec.heads === 0, 'the heads do not divide the width');
    const { padId, classifierDropout } = spec;
    holds(Number.isSafeInteger(padId) && padId >= 0, `${padId} is no token`);
    holds(classifierDropout >= 0 && classifierDropout < 1, `${classifierDropout} is no dropout`);
    holds(spec.padId < spec.vocabularySize, 'the padding is outside the vocabulary');
    holds(new Set(spec.slots.map(({ name }) => name)).size >= 16 * spec.layers, 'parameters share a name');
    const labels = labelNames(config);
    holds(
      labels === null || (new Set(labels).size === labels.length && labels.every((label) => typeof label === 'string')),
      'labels are no names',
    );
    return true;
  },
);

const generation = {
  max_new_tokens: 32,
  do_sample: true,
  temperature: 0.7,
  top_k: 40,
  top_p: 0.9,
  repetition_penalty: 1.1,
  stop_strings: ['</s>'],
  eos_token_id: [1, 2],
  bos_token_id: 0,
};

export const generationConfig = fuzzTarget(
  'generation_config.json',
  spoiltText(spoiltJson(fc.constant(generation)), ['{', '"', ',', '9']),
  async (text) => {
    const read = await outcomeOf(
      async () => (await readChatFiles([memoryFile('generation_config.json', utf8(text))])).generationConfig,
    );
    const settings = generationSettings(read.ok ? read.value : null);
    agree(checkGeneration(settings), [], 'the settings are out of their own bounds');
    for (const [field, { min, max }] of Object.entries(GENERATION_BOUNDS)) {
      const value = settings[field as keyof typeof GENERATION_BOUNDS];
      holds(value >= min && value <= max, `${field} is ${value}`);
    }
    holds(
      settings.stopStrings.every((stop) => typeof stop === 'string' && stop !== ''),
      'a stop string is no text',
    );
    return read.ok;
  },
);

const factors = (r: number, inputs: number, out: number) =>
  ['query', 'value'].flatMap((name) => [
    {
      name: `base_model.model.bert.${name}.lora_A.weight`,
      dtype: 'F32' as const,
      shape: [r, inputs],
      bytes: new Uint8Array(4 * r * inputs),
    },
    {
      name: `base_model.model.bert.${name}.lora_B.weight`,
      dtype: 'F32' as const,
      shape: [out, r],
      bytes: new Uint8Array(4 * out * r),
    },
  ]);
const adapterConfig = {
  peft_type: 'LORA',
  task_type: 'SEQ_CLS',
  r: 2,
  lora_alpha: 4,
  lora_dropout: 0.1,
  target_modules: ['query', 'value'],
  modules_to_save: ['classifier'],
  bias: 'none',
  use_dora: false,
  use_rslora: false,
  fan_in_fan_out: false,
  base_model_name_or_path: 'a/b',
  rank_pattern: {},
  alpha_pattern: {},
  inference_mode: true,
  init_lora_weights: true,
  layers_to_transform: null,
};

export const peftConfig = fuzzTarget(
  'PEFT adapters',
  fc.record({ json: spoiltJson(fc.constant(adapterConfig)), rank: fc.constantFrom(2, 2, 2, 1) }),
  async ({ json, rank }) => {
    const weights = writeSafetensors(factors(rank, 3, 3));
    const read = await outcomeOf(() =>
      readPeftAdapter([
        memoryFile('adapter_config.json', utf8(json)),
        memoryFile('adapter_model.safetensors', weights),
      ]),
    );
    if (!read.ok) return false;
    const { config, tensors } = read.value;
    const given = JSON.parse(json) as Record<string, unknown>;
    holds(given['peft_type'] === 'LORA', 'another kind of adapter is taken for LoRA');
    agree([config.r, config.r], [given['r'], rank], 'the rank is another one');
    holds(
      config.lora_alpha > 0 &&
        Number.isFinite(config.lora_alpha) &&
        config.lora_dropout >= 0 &&
        config.lora_dropout < 1,
      'alpha or dropout make no sense',
    );
    holds(
      [config.target_modules ?? [], config.modules_to_save].flat().every((name) => typeof name === 'string'),
      'a module is no name',
    );
    agree([...tensors.keys()], [...readSafetensors(weights, 'x').tensors.keys()], 'tensors are lost');
    return true;
  },
);

const tensor = (name: string) => ({ name, dtype: 'F32' as const, shape: [1], bytes: new Uint8Array(4) });
const index = {
  metadata: { total_size: 8 },
  weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
};
const modules = [
  { idx: 0, name: '0', path: '', type: 'sentence_transformers.models.Transformer' },
  { idx: 1, name: '1', path: '1_Pooling', type: 'sentence_transformers.models.Pooling' },
  { idx: 2, name: '2', path: '2_Dense', type: 'sentence_transformers.models.Dense' },
];
const pooling = { word_embedding_dimension: 8, pooling_mode_mean_tokens: true, pooling_mode_cls_token: false };
const dense = { in_features: 8, out_features: 2, bias: true, activation_function: 'torch.nn.modules.linear.Identity' };

export const modelFolders = fuzzTarget(
  'Model folders',
  fc.record({
    index: spoiltJson(fc.constant(index)),
    modules: spoiltJson(fc.constant(modules)),
    pooling: spoiltJson(fc.constant(pooling)),
    dense: spoiltJson(fc.constant(dense)),
  }),
  async (json) => {
    const head = [
      { name: 'linear.weight', dtype: 'F32' as const, shape: [2, 8], bytes: new Uint8Array(64) },
      { name: 'linear.bias', dtype: 'F32' as const, shape: [2], bytes: new Uint8Array(8) },
    ];
    const files = [
      memoryFile('config.json', utf8(JSON.stringify(CONFIGS[0]))),
      memoryFile('model.safetensors.index.json', utf8(json.index)),
      memoryFile('model-00001-of-00002.safetensors', writeSafetensors([tensor('a')])),
      memoryFile('model-00002-of-00002.safetensors', writeSafetensors([tensor('b')])),
      memoryFile('tokenizer.json', utf8('{}')),
      memoryFile('modules.json', utf8(json.modules)),
      memoryFile('1_Pooling/config.json', utf8(json.pooling)),
      memoryFile('2_Dense/config.json', utf8(json.dense)),
      memoryFile('2_Dense/model.safetensors', writeSafetensors(head)),
    ];
    const read = await outcomeOf(() => readHfFolder(files));
    if (!read.ok) return false;
    const named = Object.keys((JSON.parse(json.index) as { weight_map: object }).weight_map);
    agree([...read.value.tensors.keys()].sort(), named.sort(), 'other tensors are read than the index names');
    holds(read.value.denseHead === null || read.value.denseHead.length === 2, 'half a head is taken');
    return true;
  },
);

const answer = {
  id: 'owner/name',
  sha: '0123456789abcdef0123456789abcdef01234567',
  gated: false,
  cardData: { license: 'mit' },
  config: { model_type: 'bert' },
  safetensors: { total: 10 },
  siblings: [
    { rfilename: 'config.json', size: 10 },
    { rfilename: 'model.safetensors', size: 20, lfs: { sha256: 'ab', size: 20 } },
    { rfilename: 'tokenizer.json', size: 5 },
  ],
};

export const hubAnswers = fuzzTarget(
  'Answers of the Hub',
  fc.record({
    json: spoiltText(spoiltJson(fc.constant(answer)), ['{', '"', '<html>']),
    typed: fc.oneof(
      fc.string(),
      spoiltText(fc.constantFrom('owner/name', 'owner/name@main', 'https://huggingface.co/owner/name/tree/main'), [
        '/',
        '..',
        '@',
        '%2e',
        '%',
        '#',
        '?',
        ' ',
        '\u0000',
        'http://',
      ]),
    ),
  }),
  async ({ json, typed }) => {
    const name = await outcomeOf(() => parseHubName(typed));
    if (name.ok)
      holds(
        /^[\w.-]+(\/[\w.-]+)?$/.test(name.value.id) && !name.value.id.includes('..'),
        `"${name.value.id}" is no name`,
      );
    const fetcher: typeof fetch = () => Promise.resolve(new Response(json));
    const read = await outcomeOf(() => lookUpModel('https://hub.example', 'owner/name', 'main', fetcher));
    if (!read.ok) return false;
    const { files, revision, licence, modelType, parameters } = read.value;
    holds(/^[0-9a-f]{40,64}$/.test(revision), 'the revision is no commit');
    holds(
      files.every(
        ({ path, size }) =>
          typeof path === 'string' && !path.split('/').includes('..') && Number.isSafeInteger(size) && size >= 0,
      ),
      'a file makes no sense',
    );
    holds(
      [licence, modelType].every((text) => text === null || typeof text === 'string') &&
        (parameters === null || Number.isSafeInteger(parameters)),
      'a fact makes no sense',
    );
    await outcomeOf(() => chooseFiles(files));
    return true;
  },
);

export const modelCards = fuzzTarget(
  'Front matter of model cards',
  spoiltText(
    fc.constantFrom('---\nlicense: mit\ntags: [a]\n---\n# A model', '---\r\nlicense: "apache-2.0"\r\n---\r\n'),
    ['---', '\n', ':', '"', ' ', 'license:', 'x'.repeat(2000), '\n'.repeat(500)],
  ),
  (text) => {
    const licence = licenceOf(text);
    holds(licence === null || (licence !== '' && text.includes(licence)), 'a licence that is not in the card');
    return licence !== null;
  },
);
