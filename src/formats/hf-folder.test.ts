/** Model folders in and out: single and sharded weights, pickles, missing parts, labels, heads and adapters. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TabtuneError } from '../base/errors';
import { fromFloat32, toFloat32 } from './dtype';
import { memoryFile } from './folder';
import type { FolderFile } from './folder';
import { describeConfig } from './hf-config';
import { readHfFolder, writeHfFolder } from './hf-folder';
import { readPeftAdapter, writePeftAdapter } from './peft';
import { writeSafetensors } from './safetensors';
import { writeSentenceTransformers } from './sentence-transformers';
import type { NamedTensor } from './tensor';

const CONFIG = {
  model_type: 'bert',
  hidden_size: 8,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 16,
  vocab_size: 5,
  max_position_embeddings: 16,
};
const text = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const tensor = (name: string, ...values: number[]): NamedTensor =>
  fromFloat32(name, [values.length], Float32Array.from(values));
const weights = (...tensors: NamedTensor[]): Uint8Array => writeSafetensors(tensors);
const folder = (files: Record<string, Uint8Array>): FolderFile[] =>
  Object.entries(files).map(([path, bytes]) => memoryFile(path, bytes));
const asFiles = (list: readonly { path: string; bytes: Uint8Array }[]): FolderFile[] =>
  list.map(({ path, bytes }) => memoryFile(path, bytes));

const labelsOf = (config: Record<string, unknown>): string[] =>
  Object.values(config['id2label'] as Record<string, string>);

async function failure(work: Promise<unknown>): Promise<TabtuneError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof TabtuneError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('reading a folder', () => {
  it('takes config, weights, tokenizer and licence, below a top folder too', async () => {
    const files = folder({
      'm/config.json': text(CONFIG),
      'm/model.safetensors': weights(tensor('a', 1, 2)),
      'm/vocab.txt': text('[PAD]'),
      'm/README.md': text('---\nlanguage: en\nlicense: apache-2.0\n---\n# x'),
    });
    const progress: number[] = [];
    const checkpoint = await readHfFolder(files, { onProgress: (done, total) => progress.push(done / total) });
    expect(checkpoint).toMatchObject({ config: CONFIG, licence: 'apache-2.0', adapter: null, denseHead: null });
    expect([...checkpoint.tensors.keys()]).toEqual(['a']);
    expect([...checkpoint.tokenizerFiles.keys()]).toEqual(['vocab.txt']);
    expect(progress.at(-1)).toBe(1);
  });

  const shards = {
    'config.json': text(CONFIG),
    'model.safetensors.index.json': text({
      weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
    }),
    'model-00001-of-00002.safetensors': weights(tensor('a', 1)),
    'model-00002-of-00002.safetensors': weights(tensor('b', 2), tensor('stray', 3)),
  };
  it('joins shards, and takes from each only what the index says', async () => {
    expect([...(await readHfFolder(folder(shards))).tensors.keys()]).toEqual(['a', 'b']);
  });
  it('names a shard that is missing', async () => {
    const rest = folder(shards).filter(({ path }) => path !== 'model-00002-of-00002.safetensors');
    expect(await failure(readHfFolder(rest))).toMatchObject({
      code: 'missing-file',
      place: { file: 'model-00002-of-00002.safetensors' },
    });
  });
  it('names a tensor that is not in its shard', async () => {
    const error = await failure(
      readHfFolder(folder({ ...shards, 'model-00002-of-00002.safetensors': weights(tensor('c', 2)) })),
    );
    expect(error).toMatchObject({
      code: 'bad-model',
      place: { file: 'model-00002-of-00002.safetensors', tensor: 'b' },
    });
  });
  it('lets no index point elsewhere', async () => {
    const error = await failure(
      readHfFolder(folder({ ...shards, 'model.safetensors.index.json': text({ weight_map: { a: '../../secret' } }) })),
    );
    expect(error).toMatchObject({ code: 'bad-model', place: { file: 'model.safetensors.index.json' } });
  });

  it.each<[string, Record<string, Uint8Array>, object]>([
    ['no config', { 'model.safetensors': weights() }, { code: 'missing-file', place: { file: 'config.json' } }],
    ['no weights', { 'config.json': text(CONFIG) }, { code: 'missing-file', place: { file: 'model.safetensors' } }],
    [
      'pickled weights by name',
      { 'config.json': text(CONFIG), 'pytorch_model.bin': new Uint8Array(9) },
      { code: 'bad-model', place: { file: 'pytorch_model.bin' }, fix: expect.stringContaining('run any program') },
    ],
    [
      'pickled weights under another name',
      { 'config.json': text(CONFIG), 'model.safetensors': text(`PK\u0003\u0004${'.'.repeat(30)}archive/data.pkl`) },
      { code: 'bad-model', fix: expect.stringContaining('run any program') },
    ],
    [
      'weights of another format',
      { 'config.json': text(CONFIG), 'tf_model.h5': new Uint8Array(9) },
      { code: 'missing-file', message: expect.stringContaining('tf_model.h5') },
    ],
    [
      'weights that are cut off',
      { 'config.json': text(CONFIG), 'model.safetensors': weights(tensor('a', 1, 2)).slice(0, -1) },
      { code: 'bad-model', place: { file: 'model.safetensors', tensor: 'a' } },
    ],
    [
      'a config that is no JSON',
      { 'config.json': text('{'), 'model.safetensors': weights() },
      { code: 'bad-model', place: { file: 'config.json' } },
    ],
    [
      'a config that is not UTF-8',
      { 'config.json': Uint8Array.of(0xff, 0xfe), 'model.safetensors': weights() },
      { code: 'bad-model', place: { file: 'config.json' } },
    ],
    [
      'a decoder',
      { 'config.json': text({ model_type: 'mamba' }), 'model.safetensors': weights() },
      { code: 'unsupported', fix: expect.stringContaining('RoBERTa') },
    ],
    [
      'an adapter alone',
      { 'adapter_config.json': text('{}'), 'adapter_model.safetensors': weights() },
      { code: 'missing-file', fix: expect.stringContaining('base model') },
    ],
  ])('refuses %s', async (_name, files, expected) => {
    expect(await failure(readHfFolder(folder(files)))).toMatchObject(expected);
  });

  it('stops when cancelled', async () => {
    const files = folder({ 'config.json': text(CONFIG), 'model.safetensors': weights(tensor('a', 1)) });
    expect(await failure(readHfFolder(files, { signal: AbortSignal.abort() }))).toMatchObject({ code: 'cancelled' });
  });
});

describe('config.json', () => {
  it('of transformers 4 and 5 names its architecture', () => {
    expect(describeConfig({ ...CONFIG, torch_dtype: 'float16' }).architecture).toBe('bert');
    expect(describeConfig({ ...CONFIG, dtype: 'float16', model_type: 'xlm-roberta' }).architecture).toBe('xlm-roberta');
    const distilbert = {
      model_type: 'distilbert',
      dim: 8,
      n_layers: 1,
      n_heads: 2,
      hidden_dim: 16,
      vocab_size: 5,
      max_position_embeddings: 16,
    };
    expect(describeConfig(distilbert).architecture).toBe('distilbert');
  });
  it.each<[string, Record<string, unknown>, string]>([
    ['no type', { model_type: undefined }, 'unsupported'],
    ['a type from the prototype', { model_type: 'constructor' }, 'unsupported'],
    ['a decoder', { is_decoder: true }, 'unsupported'],
    ['relative positions', { position_embedding_type: 'relative_key' }, 'unsupported'],
    ['no width', { hidden_size: undefined }, 'bad-model'],
    ['a width that is text', { hidden_size: '8' }, 'bad-model'],
    ['heads that do not fit', { num_attention_heads: 3 }, 'bad-model'],
    ['no layers', { num_hidden_layers: 0 }, 'bad-model'],
  ])('with %s is refused', (_name, change, code) =>
    expect(() => describeConfig({ ...CONFIG, ...change })).toThrow(expect.objectContaining({ code })),
  );
});

describe('writing a classifier', () => {
  const write = (labels: string[], task: 'single-label' | 'regression' = 'single-label') =>
    asFiles(
      writeHfFolder({
        config: { ...CONFIG, torch_dtype: 'float16', num_labels: 9 },
        tensors: [tensor('classifier.bias', 1, 2)],
        labels,
        task,
        architectures: ['BertForSequenceClassification'],
        tokenizerFiles: new Map([['vocab.txt', text('[PAD]')]]),
        readme: '# card',
      }),
    );

  it('reads back with labels, task and type of the weights', async () => {
    const { config, tensors, tokenizerFiles } = await readHfFolder(write(['no', '__proto__', '1']));
    expect(config).toMatchObject({
      architectures: ['BertForSequenceClassification'],
      problem_type: 'single_label_classification',
      dtype: 'float32',
    });
    expect(labelsOf(config)).toEqual(['no', '__proto__', '1']);
    expect(Object.entries(config['label2id'] as object)).toContainEqual(['__proto__', 1]);
    expect(config).not.toHaveProperty('torch_dtype');
    expect(config).not.toHaveProperty('num_labels');
    expect([...tensors.keys()]).toEqual(['classifier.bias']);
    expect(tokenizerFiles.get('vocab.txt')).toEqual(text('[PAD]'));
  });
  it('gives regression its one output', async () => {
    expect((await readHfFolder(write([], 'regression'))).config).toMatchObject({
      id2label: { '0': 'LABEL_0' },
      problem_type: 'regression',
    });
  });
  it('refuses two labels of one name', () => expect(() => write(['a', 'a'])).toThrow(TabtuneError));
});

describe('the mean-pooled head', () => {
  const weight = fromFloat32('linear.weight', [2, 8], new Float32Array(16).fill(0.5));
  const written = writeSentenceTransformers({
    config: CONFIG,
    encoderTensors: [tensor('embeddings.a', 1)],
    dense: { weight, bias: tensor('linear.bias', 1, 2) },
    labels: ['no', 'yes'],
    task: 'single-label',
    tokenizerFiles: new Map(),
    maxLength: 64,
    readme: '',
  });
  const replaced = (path: string, value: unknown) =>
    asFiles(written.map((file) => (file.path === path ? { path, bytes: text(value) } : file)));

  it('reads back beside its encoder', async () => {
    const { denseHead, tensors, config } = await readHfFolder(asFiles(written));
    expect(denseHead?.map(({ name, shape }) => [name, shape])).toEqual([
      ['linear.weight', [2, 8]],
      ['linear.bias', [2]],
    ]);
    expect([...tensors.keys()]).toEqual(['embeddings.a']);
    expect(labelsOf(config)).toEqual(['no', 'yes']);
  });
  it.each<[string, string, unknown]>([
    ['another pooling', '1_Pooling/config.json', { pooling_mode_cls_token: true }],
    ['an activation', '2_Dense/config.json', { activation_function: 'torch.nn.modules.activation.Tanh' }],
    [
      'other modules',
      'modules.json',
      [
        { type: 'x.Transformer', path: '' },
        { type: 'x.Pooling', path: '1_Pooling' },
        { type: 'x.Normalize', path: '2_Normalize' },
      ],
    ],
  ])('is none with %s', async (_name, path, value) =>
    expect((await readHfFolder(replaced(path, value))).denseHead).toBeNull(),
  );
  it('names what is missing', async () => {
    const without = asFiles(written.filter(({ path }) => path !== '2_Dense/model.safetensors'));
    expect(await failure(readHfFolder(without))).toMatchObject({
      code: 'missing-file',
      place: { file: '2_Dense/model.safetensors' },
    });
    expect(await failure(readHfFolder(replaced('modules.json', '{}')))).toMatchObject({
      code: 'bad-model',
      place: { file: 'modules.json' },
    });
  });
});

const PARITY = 'e2e/fixtures/parity';
const diskFolder = (name: string): FolderFile[] =>
  readdirSync(`${PARITY}/${name}`, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => memoryFile(entry.name, new Uint8Array(readFileSync(`${PARITY}/${name}/${entry.name}`))));

describe('PEFT adapters', () => {
  it.each([
    'bert-lora-all-linear',
    'bert-text-classification-lora',
    'distilbert-lora',
    'roberta-lora',
    'gpt2-sft-lora',
  ])('of PEFT itself read, and read back when written: %s', async (name) => {
    const adapter = await readPeftAdapter(diskFolder(`${name}/adapter_trained`));
    expect(adapter.config).toMatchObject({ r: 4, lora_alpha: 8, lora_dropout: 0 });
    expect(new Set(adapter.config.modules_to_save).size).toBe(adapter.config.modules_to_save.length);
    const written = writePeftAdapter({
      config: { rank: 4, alpha: 8, dropout: 0, targetModules: [], modulesToSave: [] },
      like: adapter.config.whole,
      tensors: [...adapter.tensors.values()],
      taskType: name.startsWith('gpt2') ? 'CAUSAL_LM' : 'SEQ_CLS',
      fanInFanOut: adapter.config.fan_in_fan_out,
      baseModelName: 'owner/base',
      readme: '',
    });
    const again = await readPeftAdapter(asFiles(written));
    const whole = expect.anything() as unknown;
    expect(again.config).toEqual({ ...adapter.config, base_model_name_or_path: 'owner/base', whole });
    expect(again.tensors.size).toBe(adapter.tensors.size);
    for (const [key, value] of adapter.tensors)
      expect(toFloat32(again.tensors.get(key) as NamedTensor)).toEqual(toFloat32(value));
  });

  it('of layers that are stored [in, out] is taken beside GPT-2, as PEFT writes it', async () => {
    const files = [...diskFolder('gpt2-sft-lora'), ...diskFolder('gpt2-sft-lora/adapter_trained')];
    expect((await readHfFolder(files)).adapter?.config.fan_in_fan_out).toBe(true);
  });

  it('lies beside its base model', async () => {
    const files = [...diskFolder('bert-lora-all-linear'), ...diskFolder('bert-lora-all-linear/adapter_trained')];
    expect((await readHfFolder(files)).adapter?.config.r).toBe(4);
  });
});

describe('adapters that cannot be used', () => {
  const factor = (name: string, shape: number[]): NamedTensor =>
    fromFloat32(`base_model.model.${name}`, shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));
  const sound = { peft_type: 'LORA', r: 2, lora_alpha: 4, target_modules: ['query'], modules_to_save: null };
  const pair = [factor('q.lora_A.weight', [2, 8]), factor('q.lora_B.weight', [8, 2])];
  const read = (config: object, tensors: NamedTensor[] = pair) =>
    readPeftAdapter(folder({ 'adapter_config.json': text(config), 'adapter_model.safetensors': weights(...tensors) }));

  it('a plain one is read', async () => expect((await read(sound)).config.modules_to_save).toEqual([]));
  it.each<[string, object, string]>([
    ['another type', { peft_type: 'IA3' }, 'unsupported'],
    ['factors that are not of the ranks by layer', { rank_pattern: { q: 8 } }, 'bad-model'],
    ['ranks by a pattern that may never end', { rank_pattern: { '(.*)*q': 2 } }, 'unsupported'],
    ['a beginning that changed the base', { init_lora_weights: 'loftq' }, 'unsupported'],
    ['no rank', { r: 0 }, 'bad-model'],
    ['no alpha', { lora_alpha: null }, 'bad-model'],
    ['an impossible dropout', { lora_dropout: 1 }, 'bad-model'],
  ])('%s', async (_name, change, code) => expect((await failure(read({ ...sound, ...change }))).code).toBe(code));
  it('a factor without its partner', async () =>
    expect(await failure(read(sound, pair.slice(0, 1)))).toMatchObject({
      code: 'bad-model',
      place: { tensor: 'base_model.model.q.lora_A.weight' },
    }));
  it('a factor of another rank', async () =>
    expect((await failure(read({ ...sound, r: 3 }))).message).toContain('r = 3'));
  it('no factors', async () => expect((await failure(read(sound, []))).code).toBe('bad-model'));
  it('pickled weights', async () => {
    const files = folder({ 'adapter_config.json': text(sound), 'adapter_model.bin': new Uint8Array(4) });
    expect(await failure(readPeftAdapter(files))).toMatchObject({
      code: 'bad-model',
      place: { file: 'adapter_model.bin' },
    });
  });
});
