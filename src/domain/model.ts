/** Base models as the page knows them: where they come from, what they are, what they need. */
import type { Method, Recipe } from './training-config';

export type EncoderArchitecture = 'bert' | 'distilbert' | 'roberta' | 'xlm-roberta';
export const ENCODER_ARCHITECTURES: readonly EncoderArchitecture[] = ['bert', 'distilbert', 'roberta', 'xlm-roberta'];

export type DecoderArchitecture = 'llama' | 'qwen2' | 'qwen3' | 'gpt2';

/** Where a model comes from, as plain data that can be stored. A dropped folder lives on in the model cache under `cacheKey`. */
export type ModelSource =
  | { kind: 'embedded'; id: string }
  | { kind: 'hub'; id: string; revision: string }
  | { kind: 'files'; name: string; cacheKey: string };

/** A model that comes with the app, under public/models/<folder>. */
export interface EmbeddedModelCard {
  id: string;
  name: string;
  /** Its id on the Hugging Face Hub, which adapters name as their base model. */
  hubId?: string;
  folder: string;
  files: string[];
  bytes: number;
  parameters: number;
  licence: string;
  goodAt: string;
  /** Recipes measured for this model; see public/models/<folder>/SOURCE.md. */
  recipes: Partial<Record<Method, Recipe>>;
}

/** What is known before any weight is downloaded. */
export interface ModelDescription {
  source: ModelSource;
  name: string;
  architecture: string;
  /** Null when supported, else the sentence that says why not and what is. */
  unsupported: string | null;
  licence: string | null;
  bytes: number;
  parameters: number | null;
  /** Bytes of it that are in this browser's cache already. */
  cachedBytes: number;
  files: { path: string; bytes: number }[];
}

/** A loaded model. */
export interface ModelInfo {
  name: string;
  architecture: EncoderArchitecture;
  parameters: number;
  bytes: number;
  hiddenSize: number;
  layers: number;
  maxPositions: number;
  vocabularySize: number;
  licence: string | null;
  /** Suffixes of linear layers that LoRA can target, and the modules of its head. */
  linearModules: string[];
  headModules: string[];
  /** Labels of a classification head that came with the checkpoint, or null. */
  checkpointLabels: string[] | null;
  recipes: Partial<Record<Method, Recipe>>;
}
