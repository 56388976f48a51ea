/** Settings of a run of a model that writes, as the engine takes them. */
import { must } from '../base/assert';
import type { TrainingConfig } from './training-config';

/** How frozen weights are kept: as floats of 32 or 16 bits, or packed in blocks of 8 or 4 bits a value. */
export const BASE_WEIGHTS = ['f32', 'f16', 'q8', 'q4'] as const;
export type BaseWeights = (typeof BASE_WEIGHTS)[number];
export const BASE_IN_WORDS: Record<BaseWeights, string> = {
  f32: '32 bits',
  f16: '16 bits (half precision)',
  q8: '8 bits (QLoRA)',
  q4: '4 bits (QLoRA)',
};

/** Chat templates for models that bring none, or as a choice; see text/standard-templates.ts. */
const STANDARD_TEMPLATE_IDS = ['chatml', 'llama-3', 'llama-2', 'alpaca', 'plain'] as const;
export type StandardTemplateId = (typeof STANDARD_TEMPLATE_IDS)[number];

/** `own` is the model's template. */
export const TEMPLATE_CHOICES = ['own', ...STANDARD_TEMPLATE_IDS] as const;
export type TemplateChoice = (typeof TEMPLATE_CHOICES)[number];
export const TEMPLATE_IN_WORDS: Record<TemplateChoice, string> = {
  own: 'The model’s own',
  chatml: 'ChatML',
  'llama-3': 'Llama 3',
  'llama-2': 'Llama 2',
  alpaca: 'Alpaca',
  plain: 'Plain',
};

/** A run of a model that writes. */
export interface WritingConfig extends TrainingConfig {
  method: 'lora' | 'full';
  /**
   * LoRA: how the base is kept on the device. What a file holds in as few bits stays exactly as it is; the rest is
   * rounded.
   */
  base: BaseWeights;
  /** How conversations are written. */
  template: TemplateChoice;
  /**
   * Keep only the input of each layer for the gradient and compute the layer again there: less memory, a third to a
   * half more time.
   */
  gradientCheckpointing: boolean;
}

/** A run that teaches answers. */
export interface AnswerConfig extends WritingConfig {
  /** Put several short sequences into one row of the batch, each attending to itself only. */
  packing: boolean;
}

/** A run that teaches preferences. */
export interface PreferenceConfig extends WritingConfig {
  /** DPO: how strongly the model is held to the reference. */
  beta: number;
  /** DPO: share of pairs that may be the wrong way round. */
  labelSmoothing: number;
}

/** Why this method cannot run on weights that are kept so, or null. */
export function packedBaseProblem({ method, base }: Pick<WritingConfig, 'method' | 'base'>): string | null {
  if (!BASE_WEIGHTS.includes(base))
    return (
      `The base can be kept as ${BASE_WEIGHTS.slice(0, -1).join(', ')} or ${must(BASE_WEIGHTS.at(-1))}, ` +
      `not "${base}".`
    );
  return base === 'f32' || method === 'lora'
    ? null
    : `Full training changes every weight, and a base packed as ${base} cannot change: keep it as f32, or ` +
        'train an adapter (LoRA) on it.';
}
