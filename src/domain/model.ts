/** Base models as the page knows them: where they come from, what they are, what they need. */
import { DECODER_ARCHITECTURES } from './architectures';
import type { DecoderArchitecture, EncoderArchitecture } from './architectures';
import type { GenerationSettings } from './generation';
import type { LanguageRecipe, TemplateChoice } from './language-config';
import type { Method } from './training-config';

/**
 * Where a model comes from, as plain data that can be stored. A dropped folder lives on in the model cache under
 * `cacheKey`.
 */
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
  architecture: EncoderArchitecture | DecoderArchitecture;
  folder: string;
  files: { path: string; bytes: number }[];
  bytes: number;
  parameters: number;
  licence: string;
  goodAt: string;
  /** Recipes measured for this model; see public/models/<folder>/SOURCE.md. */
  recipes: Partial<Record<Method, LanguageRecipe>>;
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

/** What every loaded model has. */
interface ModelFacts {
  name: string;
  parameters: number;
  bytes: number;
  hiddenSize: number;
  layers: number;
  maxPositions: number;
  vocabularySize: number;
  licence: string | null;
  /** Suffixes of linear layers that LoRA can target. */
  linearModules: string[];
  recipes: Partial<Record<Method, LanguageRecipe>>;
}

/** A loaded model that gives labels or numbers to texts. */
export interface EncoderInfo extends ModelFacts {
  architecture: EncoderArchitecture;
  /** Modules of its head, which LoRA trains in full. */
  headModules: string[];
  /** Labels of a classification head that came with the checkpoint, or null. */
  checkpointLabels: string[] | null;
}

/** A loaded model that writes. */
export interface DecoderInfo extends ModelFacts {
  architecture: DecoderArchitecture;
  /** Whether it brings a chat template, and the choice when a person makes none. */
  ownTemplate: boolean;
  template: TemplateChoice;
  /** Of its generation_config.json. */
  generation: GenerationSettings;
}

export type ModelInfo = EncoderInfo | DecoderInfo;

/** "134.5 M", "47 k", "2,695": parameters as people count them. */
export function parametersInWords(count: number): string {
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} M`;
  return count >= 1e4 ? `${Math.round(count / 1e3)} k` : count.toLocaleString('en');
}

export const isDecoder = (info: ModelInfo): info is DecoderInfo =>
  DECODER_ARCHITECTURES.some((name) => name === info.architecture);
