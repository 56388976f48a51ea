/** Pieces of model cards: a README.md in Markdown that begins with YAML front matter. */
import type { LoraConfig } from '../../domain/training-config';

/** A YAML string in double quotes; JSON strings are valid YAML. */
const yaml = (text: string): string => JSON.stringify(text);

/** Text inside a Markdown table or line: no line breaks, no markup of its own. */
export const plain = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|#]/g, '\\$&');

/** What tools read of a card. */
export interface FrontMatter {
  licence: string | null;
  library: 'transformers' | 'peft' | 'sentence-transformers';
  pipeline: 'text-classification' | 'text-generation';
  /** The base model's id on the Hub, or null. */
  baseModel: string | null;
  /** Whether LoRA was taught. */
  lora: boolean;
}

export const frontMatter = ({ licence, library, pipeline, baseModel, lora }: FrontMatter): string[] => [
  '---',
  ...(licence ? [`license: ${yaml(licence.toLowerCase())}`] : []),
  `library_name: ${library}`,
  `pipeline_tag: ${pipeline}`,
  ...(baseModel ? [`base_model: ${yaml(baseModel)}`] : []),
  'tags:',
  '  - tabtune',
  ...(lora ? ['  - lora'] : []),
  '---',
];

/** A Markdown table of cells that carry no markup of their own. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${head.join(' | ')} |`,
  `| ${head.map(() => '---').join(' | ')} |`,
  ...rows.map((cells) => `| ${cells.join(' | ')} |`),
];

export type Setting = readonly [name: string, value: string | number];

/** The section that lists the settings of a run. */
export const recipeSection = (settings: readonly Setting[]): string[] => [
  '## Recipe',
  '',
  ...table(
    ['setting', 'value'],
    settings.map(([name, value]) => [name, plain(String(value))]),
  ),
];

export const loraSettings = ({ rank, alpha, dropout, targetModules }: LoraConfig): Setting[] => [
  ['LoRA', `rank ${rank}, alpha ${alpha}, dropout ${dropout}`],
  ['LoRA layers', targetModules.join(', ')],
];
