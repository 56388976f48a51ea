/** Base models as the page knows them: where they come from, what they are, what they need. */
import type { DecoderArchitecture, EncoderArchitecture } from './architectures';
import type { GenerationSettings } from './generation';
import type { TemplateChoice } from './language-config';
import type { Method, Recipe } from './training-config';

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
  /** Weights in the same folder that are not read, by their paths. */
  notRead?: string[] | undefined;
}

/** A LoRA adapter that came with a model: what goes on unchanged when it is trained on. */
export interface AdapterFacts {
  rank: number;
  alpha: number;
  dropout: number;
  targetModules: string[];
  modulesToSave: string[];
  /** How many layers it adapts. */
  layers: number;
  /** How much it counts, in words. */
  scaling: string;
  /** Which biases it trains too: none, all, lora_only. */
  bias: string;
  /** Ranks and alphas of some layers, by what they are of. */
  patterns: Record<string, string>;
  /** In which way it was begun from the base itself, or none. */
  beginning: string;
  /** The base model that it says it was made for. */
  base: string | null;
  /** Why it cannot be trained on and is worked into the base; null when it can. */
  obstacle: string | null;
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
  recipes: Partial<Record<Method, Recipe>>;
  /** What its files hold that is used otherwise than one might think, or not at all: a sentence each. */
  said?: string[] | undefined;
  /** The adapter that came with it. */
  adapter?: AdapterFacts | undefined;
}

/** A loaded model: what it is, and what it can do. */
export interface ModelInfo extends ModelFacts {
  architecture: EncoderArchitecture | DecoderArchitecture;
  /** What it brings for labels and numbers of a text, or null when it can have no such head. */
  head: {
    /** Modules of the head, which LoRA trains in full. */
    modules: string[];
    /** Labels of a classification head that came with the checkpoint, or null. */
    labels: string[] | null;
  } | null;
  /** What it brings for writing, or null when it does not write. */
  writing: {
    /** Whether it brings a chat template, and the choice when a person makes none. */
    ownTemplate: boolean;
    template: TemplateChoice;
    /** Of its generation_config.json. */
    generation: GenerationSettings;
  } | null;
}

/** "134.5 M", "47 k", "2,695": parameters as people count them. */
export function parametersInWords(count: number): string {
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} M`;
  return count >= 1e4 ? `${Math.round(count / 1e3)} k` : count.toLocaleString('en');
}
