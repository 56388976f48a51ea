/** Parameters and rows of embeddings that an adapter's file holds whole, put in the place of the base's. */
import { fromFloat32, toFloat32 } from '../../formats/dtype';
import { refuseAdapter } from '../../formats/peft-config';
import { isSaved } from '../../formats/peft-targets';
import type { NamedTensor } from '../../formats/tensor';
import { anatomyOf } from '../anatomy';
import { CheckpointReader } from '../checkpoint-reader';
import type { HfConfig } from '../types';
import { baseWeight, type Work } from './work';

/** Ids whose rows the file holds, in their order. */
function tokenIds(indices: unknown, parameter: string): number[] {
  const module = parameter.replace(/\.weight$/, '');
  const named: unknown =
    typeof indices === 'object' && indices !== null && !Array.isArray(indices)
      ? Object.entries(indices).find(([name]) => module === name || module.endsWith(`.${name}`))?.[1]
      : indices;
  if (Array.isArray(named) && named.every((id) => Number.isSafeInteger(id))) return named as number[];
  return refuseAdapter(
    'bad-model',
    '`trainable_token_indices` does not say which rows of the embedding are in the file.',
  );
}

/** An embedding with rows of its own. */
function withRows(work: Work, parameter: string, rows: NamedTensor): NamedTensor {
  const { tensor, key } = baseWeight(work, parameter.replace(/\.weight$/, ''));
  const ids = tokenIds(work.adapter.config.trainable_token_indices, parameter);
  const [count = 0, width = 0] = tensor.shape;
  const values = toFloat32(tensor).slice();
  const given = toFloat32(rows);
  if (given.length !== ids.length * width || ids.some((id) => id < 0 || id >= count))
    refuseAdapter('bad-model', '`trainable_token_indices` does not fit the rows in the file or the embedding.');
  ids.forEach((id, i) => values.set(given.subarray(i * width, (i + 1) * width), id * width));
  return fromFloat32(key, tensor.shape, values);
}

/**
 * Puts what the file holds whole in the place of the base's. A matrix that the base ties to another becomes one of its
 * own where the file holds one of them only as a saved module, as in PEFT.
 */
export function withWholeParameters(work: Work): void {
  const { parts, tensors, anatomy, adapter } = work;
  const { embeddings, output } = anatomy;
  const isTied = output === embeddings;
  const untie = (): void => {
    if (work.config['tie_word_embeddings'] === false || output === null) return;
    tensors.set(HEAD, { ...baseWeight(work, embeddings.replace(/\.weight$/, '')).tensor, name: HEAD });
    work.config = { ...work.config, tie_word_embeddings: false };
  };
  const touched = [...parts.whole.keys(), ...parts.rows.keys()];
  if (isTied && touched.some((name) => (name === embeddings || name === HEAD) && isSaved(adapter.config, name)))
    untie();
  for (const [name, { tensor }] of parts.whole) {
    const key = new CheckpointReader(tensors, anatomy.prefix).keyOf(name) ?? name;
    if (name === HEAD && isTied && work.config['tie_word_embeddings'] !== false) continue;
    tensors.set(key, { ...tensor, name: key, bytes: tensor.bytes });
  }
  for (const [name, rows] of parts.rows) {
    const changed = withRows(work, name, rows);
    tensors.set(changed.name, changed);
  }
  work.config = withVocabulary(work);
  work.anatomy = anatomyOf(work.config);
}
const HEAD = 'lm_head.weight';

/** The configuration with as many tokens as the adapter's own embedding has rows. */
function withVocabulary({ config, parts, anatomy }: Work): HfConfig {
  const rows = parts.whole.get(anatomy.embeddings)?.tensor.shape[0];
  return rows === undefined || rows === config['vocab_size'] ? config : { ...config, vocab_size: rows };
}
