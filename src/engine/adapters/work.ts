/** An adapter and its base while one is put on the other. */
import { TabtuneError } from '../../base/errors';
import type { PeftAdapter } from '../../formats/peft';
import { patternedValue } from '../../formats/peft-targets';
import type { NamedTensor } from '../../formats/tensor';
import type { Anatomy } from '../anatomy';
import { CheckpointReader } from '../checkpoint-reader';
import type { HfConfig } from '../types';
import type { AdapterParts, Factors } from './parts';

export interface Work {
  adapter: PeftAdapter;
  parts: AdapterParts;
  anatomy: Anatomy;
  config: HfConfig;
  /** Of the base, with the parameters that the adapter holds whole in their place. */
  tensors: Map<string, NamedTensor>;
}

/** A layer's scaling: alpha ÷ rank, or alpha ÷ √rank (rsLoRA). */
export function scalingOf({ config }: PeftAdapter, layer: string, rank: number): number {
  const alpha = patternedValue('alpha_pattern', config, layer) ?? config.lora_alpha;
  return alpha / (config.use_rslora ? Math.sqrt(rank) : rank);
}

export const rankOf = ({ a }: Factors): number => a.shape[0] ?? 0;

export function baseWeight(work: Work, layer: string): { key: string; tensor: NamedTensor } {
  const name = `${layer}.weight`;
  const key = new CheckpointReader(work.tensors, work.anatomy.prefix).keyOf(name);
  const tensor = key === undefined ? undefined : work.tensors.get(key);
  if (key === undefined || !tensor)
    throw new TabtuneError('bad-model', `The base model has no "${name}", which the adapter changes.`, {
      place: { tensor: name },
      fix: 'Take the base model that the adapter was made for.',
    });
  return { key, tensor };
}
