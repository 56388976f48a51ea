/**
 * What repeats a decoder's run elsewhere: train.py (transformers, PEFT, TRL), recipe.json with every setting,
 * rows.jsonl with the rows.
 */
import type { LanguageExample } from '../domain/conversation';
import type { LanguageMapping, SplitConfig } from '../domain/dataset';
import type { LanguageConfig } from '../domain/language-config';
import type { SplitName } from '../domain/task';
import { jsonBytes } from './json-file';
import script from './train-script.py?raw';

/** Version of this recipe's layout; raised when a field changes its meaning. */
const RECIPE_FORMAT = 1;

export interface LanguageRecipeParts {
  name: string;
  createdAt: string;
  config: LanguageConfig;
  data: {
    name: string;
    sha256: string;
    mapping: LanguageMapping;
    split: SplitConfig;
    splitRows: Record<SplitName, number>;
  };
  /** `baseModel` is the id under which others find it on the Hub, or null. */
  model: { name: string; architecture: string; parameters: number; licence: string | null; baseModel: string | null };
  /** The template's source and the ids at which a turn or a text ends. */
  chat: { template: string; eosId: number | null; stopIds: readonly number[] };
  device: { backend: string; name: string };
  versions: Readonly<Record<string, string>>;
}

/** Every setting, seed, the data's SHA-256 and the versions, as plain JSON. */
export function languageRecipe({
  name,
  createdAt,
  config,
  data,
  model,
  chat,
  device,
  versions,
}: LanguageRecipeParts): Record<string, unknown> {
  return {
    format: RECIPE_FORMAT,
    run: { name, createdAt },
    task: data.mapping.task,
    data,
    model,
    chat,
    training: config,
    optimizer: {
      name: 'AdamW',
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      decayOn: 'parameters with two or more dimensions',
    },
    device,
    versions,
  };
}

/** A row as train.py reads it: `split` beside `messages`, `text`, or `prompt`, `chosen` and `rejected`. */
function rowFor(split: SplitName, example: LanguageExample): Record<string, unknown> {
  switch (example.kind) {
    case 'chat':
      return { split, row: example.row, messages: example.messages };
    case 'text':
      return { split, row: example.row, text: example.text };
    case 'preference':
      return { split, row: example.row, prompt: example.prompt, chosen: example.chosen, rejected: example.rejected };
  }
}

/** The three files; `rows` are those of training and validation. */
export function trainingFiles(
  recipe: LanguageRecipeParts,
  rows: Iterable<readonly [SplitName, LanguageExample]>,
): { path: string; bytes: Uint8Array }[] {
  const lines = Array.from(rows, ([split, example]) => `${JSON.stringify(rowFor(split, example))}\n`);
  const encoder = new TextEncoder();
  return [
    { path: 'train.py', bytes: encoder.encode(script) },
    { path: 'recipe.json', bytes: jsonBytes(languageRecipe(recipe)) },
    { path: 'rows.jsonl', bytes: encoder.encode(lines.join('')) },
  ];
}
