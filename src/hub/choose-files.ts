/** Picks, from everything a model folder or repository holds, the files that are needed to load it. */
import { TabtuneError } from '../base/errors';
import { CHAT_FILES } from '../formats/chat-files';
import { TOKENIZER_FILES } from '../formats/hf-folder';
import { PICKLE_REASON, hasOtherWeightsName, hasPickleName } from '../formats/magic';
import { shardsByTensor } from '../formats/sharded';

const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
const ALWAYS = new Set([
  'config.json',
  'README.md',
  'modules.json',
  'sentence_bert_config.json',
  'adapter_config.json',
  'adapter_model.safetensors',
  ...TOKENIZER_FILES,
  ...CHAT_FILES,
]);
/** Either of them is enough. */
const TOKENIZERS = ['tokenizer.json', 'vocab.txt'];
const SHARD = /^model-\d+-of-\d+\.safetensors$/;
/** The parts of a sentence-transformers folder: `1_Pooling/config.json`, `2_Dense/model.safetensors`. */
const MODULE_FILE = /^\d+_\w+\/(?:config\.json|model\.safetensors)$/;

/** The index of a model in shards, if it is one and they are named in their own way. */
export function indexOf<T extends { path: string }>(files: readonly T[]): { file: T; folder: string } | null {
  const paths = new Set(files.map(({ path }) => path));
  for (const folder of ['', '0_Transformer/']) {
    const file = paths.has(folder + SINGLE) ? undefined : files.find(({ path }) => path === folder + INDEX);
    if (file) return { file, folder };
  }
  return null;
}

/** The paths of the shards that an index names. */
export const shardPaths = (index: Uint8Array, { file, folder }: { file: { path: string }; folder: string }) =>
  new Set([...shardsByTensor(index, file.path).values()].map((shard) => folder + shard));

/**
 * The needed ones, in their order. `shards` are those that the index names, where it is known. Throws `missing-file`
 * (config, weights or tokenizer), or `bad-model` when the only weights are pickles.
 */
export function chooseFiles<T extends { path: string }>(files: readonly T[], shards?: ReadonlySet<string>): T[] {
  const paths = new Set(files.map(({ path }) => path));
  const encoder = ['', '0_Transformer/'].find((folder) => paths.has(`${folder}config.json`));
  if (encoder === undefined) return refuseWithoutConfig(paths);
  const single = paths.has(encoder + SINGLE);
  if (!single && !paths.has(encoder + INDEX)) refuseWithoutWeights([...paths], encoder);
  if (!TOKENIZERS.some((name) => paths.has(encoder + name) || paths.has(name)))
    throw new TabtuneError(
      'missing-file',
      'The model has no tokenizer: neither tokenizer.json nor vocab.txt is there.',
      {
        place: { file: 'tokenizer.json' },
        fix:
          'Add tokenizer.json (in Python: `AutoTokenizer.from_pretrained(folder).save_pretrained(folder)`), or ' +
          'take a version of the model that has it.',
      },
    );
  return files.filter(({ path }) => {
    if (ALWAYS.has(path) || MODULE_FILE.test(path) || shards?.has(path)) return true;
    if (!path.startsWith(encoder)) return false;
    const name = path.slice(encoder.length);
    return ALWAYS.has(name) || (single ? name === SINGLE : name === INDEX || (!shards && SHARD.test(name)));
  });
}

function refuseWithoutConfig(paths: ReadonlySet<string>): never {
  const fix = paths.has('adapter_config.json')
    ? 'These files are a LoRA adapter alone; take the base model it belongs to.'
    : 'Take a model in the Hugging Face layout: config.json, model.safetensors, tokenizer.json.';
  throw new TabtuneError('missing-file', 'config.json is missing, so the architecture is unknown.', {
    place: { file: 'config.json' },
    fix,
  });
}

function refuseWithoutWeights(paths: readonly string[], encoder: string): never {
  const pickle = paths.find(
    (path) => path.startsWith(encoder) && hasPickleName(path) && !path.includes('training_args'),
  );
  if (pickle)
    throw new TabtuneError('bad-model', `The only weights are ${pickle}, a PyTorch pickle.`, {
      place: { file: pickle },
      fix: PICKLE_REASON,
    });
  const other = paths.find(hasOtherWeightsName);
  throw new TabtuneError(
    'missing-file',
    `${encoder}${SINGLE} is missing${other ? `; ${other} is in a format that is not read` : ''}.`,
    { place: { file: encoder + SINGLE }, fix: 'Take a version of the model with its weights as safetensors.' },
  );
}
