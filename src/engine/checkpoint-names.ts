/**
 * A checkpoint's tensors under the names of its architecture: what training tools put around them is taken off, a head
 * that is no copy of the embedding is used, and what is not used is listed.
 */
import { TabtuneError } from '../base/errors';
import { toFloat32 } from '../formats/dtype';
import type { NamedTensor } from '../formats/tensor';
import { anatomyOf, type Anatomy } from './anatomy';
import { CheckpointReader } from './checkpoint-reader';
import type { HfConfig } from './types';

export type Tensors = ReadonlyMap<string, NamedTensor>;

export interface PlainCheckpoint {
  config: HfConfig;
  tensors: Map<string, NamedTensor>;
  /** What a person should know of it, a sentence each. */
  said: string[];
}

/** What DistributedDataParallel, torch.compile, FSDP, activation checkpointing and Lightning put into names. */
const WRAPPERS = /(^|\.)(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module|_forward_module)(?=\.)/g;
const LEADING = /^(?:\.|module\.|base_model\.model\.)+/;

/** A name without what wrappers put into it. */
export const unwrapped = (name: string): string => name.replace(WRAPPERS, '').replace(LEADING, '');

/** What stands before the one tensor whose name ends with the embedding's; null for none or several. */
function foreignPrefix(names: readonly string[], { embeddings, prefix }: Anatomy): string | null {
  const bare = embeddings.startsWith(prefix) ? embeddings.slice(prefix.length) : embeddings;
  for (const anchor of [embeddings, bare]) {
    const before = names.filter((name) => name.endsWith(`.${anchor}`)).map((name) => name.slice(0, -anchor.length));
    if (before.length > 0) return before.length === 1 ? (before[0] ?? null) : null;
  }
  return null;
}

/** Names as they are and as they are read; null where two would be read as one. */
function renaming(tensors: Tensors, anatomy: Anatomy): Map<string, string> | null {
  const names = [...tensors.keys()];
  const plain = names.map(unwrapped);
  const has = (list: readonly string[]): boolean =>
    new CheckpointReader(new Map(list.map((name) => [name, PLACE_HOLDER])), anatomy.prefix).keyOf(
      anatomy.embeddings,
    ) !== undefined;
  const foreign = has(plain) ? '' : (foreignPrefix(plain, anatomy) ?? '');
  const read = plain.map((name) => (name.startsWith(foreign) ? name.slice(foreign.length) : name));
  return new Set(read).size === read.length ? new Map(names.map((name, i) => [name, read[i] ?? name])) : null;
}
const PLACE_HOLDER: NamedTensor = { name: '', dtype: 'F32', shape: [], bytes: new Uint8Array() };

/** The same tensor by another name. */
const renamed = (tensor: NamedTensor, name: string): NamedTensor => ({
  name,
  dtype: tensor.dtype,
  shape: tensor.shape,
  get bytes() {
    return tensor.bytes;
  },
  ...(tensor.packed ? { packed: tensor.packed } : {}),
});

function withoutWrappers(tensors: Tensors, anatomy: Anatomy, said: string[]): Map<string, NamedTensor> {
  const reader = new CheckpointReader(tensors, anatomy.prefix);
  if (anatomy.slots.every(({ name }) => reader.keyOf(name) !== undefined)) return new Map(tensors);
  const names = renaming(tensors, anatomy);
  const changed = [...(names ?? [])].filter(([from, to]) => from !== to);
  if (!names || changed.length === 0) return new Map(tensors);
  const [from = '', to = ''] = changed[0] ?? [];
  said.push(
    `The names of ${changed.length} tensors carry what a training tool put into them, such as “${from}”: they are ` +
      `read without it (“${to}”).`,
  );
  return new Map(
    [...tensors].map(([name, tensor]) => [names.get(name) ?? name, renamed(tensor, names.get(name) ?? name)]),
  );
}

function refuseUnmerged(tensors: Tensors): void {
  const factor = [...tensors.keys()].find((name) => /\.lora_(?:[AB]|embedding_[AB]|magnitude_vector)\b/.test(name));
  if (factor !== undefined)
    throw new TabtuneError('bad-model', `The weights hold a LoRA adapter that is not merged, such as "${factor}".`, {
      place: { tensor: factor },
      fix:
        'In Python, save `model.merge_and_unload()`; or save the adapter by itself (`model.save_pretrained(folder)`) ' +
        'and drop it with the base model.',
    });
}

function sameValues(a: NamedTensor, b: NamedTensor): boolean {
  const [one, other] = [toFloat32(a), toFloat32(b)];
  return one.length === other.length && one.every((value, i) => value === other[i]);
}

const HEAD = 'lm_head.weight';

/** Ties or unties the output matrix by what the file holds, as transformers does. */
function withHead(config: HfConfig, tensors: Map<string, NamedTensor>, said: string[]): HfConfig {
  const { embeddings, output, prefix } = anatomyOf(config);
  const head = tensors.get(HEAD);
  if (output !== embeddings || !head) return config;
  const embedding = new CheckpointReader(tensors, prefix).find(embeddings);
  if (!embedding) {
    tensors.set(embeddings, renamed(head, embeddings));
    tensors.delete(HEAD);
    said.push('The file holds the output matrix alone, which is used as the word embedding too (they are tied).');
    return config;
  }
  if (sameValues(head, embedding)) {
    tensors.delete(HEAD);
    return config;
  }
  said.push(
    'config.json ties the output matrix to the word embedding, but the file holds another one (lm_head.weight): that ' +
      'is used, as transformers does, and exports say so.',
  );
  return { ...config, tie_word_embeddings: false };
}

/** Names with every number as `*`, and how many there are of each. */
function grouped(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) {
    const group = name.replace(/\.\d+(?=\.)/g, '.*');
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  return [...counts].map(([group, count]) => (count > 1 ? `${group} (${count})` : group));
}

const MOST_NAMED = 12;

/** `3 tensors are not used: a, b.*.c (2).`, or null for none. */
export function unusedInWords(names: readonly string[], where: string): string | null {
  if (names.length === 0) return null;
  const groups = grouped(names);
  const more = groups.length > MOST_NAMED ? ` and ${groups.length - MOST_NAMED} more kinds` : '';
  const what = names.length === 1 ? '1 tensor is' : `${names.length} tensors are`;
  return `Of ${where} ${what} not used: ${groups.slice(0, MOST_NAMED).join(', ')}${more}.`;
}

/**
 * Reads the names of a checkpoint's tensors. Throws `bad-model` for an adapter that is not merged, and what `anatomyOf`
 * throws.
 */
export function plainCheckpoint(config: HfConfig, given: Tensors): PlainCheckpoint {
  const said: string[] = [];
  const tensors = withoutWrappers(given, anatomyOf(config), said);
  refuseUnmerged(tensors);
  const settled = withHead(config, tensors, said);
  const { slots, heads, prefix } = anatomyOf(settled);
  const reader = new CheckpointReader(tensors, prefix);
  const used = new Set([...slots, ...heads].map(({ name }) => reader.keyOf(name)));
  const unused = unusedInWords(
    [...tensors.keys()].filter((name) => !used.has(name)),
    'the weights',
  );
  return { config: settled, tensors, said: unused === null ? said : [...said, unused] };
}
