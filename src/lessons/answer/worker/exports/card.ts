/**
 * The model card of a taught decoder: where it comes from, how it answers held-out questions, and where its limits are.
 */
import { BASE_IN_WORDS } from '../../../../domain/language-config';
import type { LanguageMetrics } from '../../../../domain/language-metrics';
import { frontMatter, loraSettings, plain, recipeSection, table } from '../../../../worker/run/card';
import type { Setting } from '../../../../worker/run/card';
import type { RecipeParts } from './recipe';

/** How base and taught model did on the held-out rows. */
export interface LanguageResults {
  rows: number;
  /** Answers that were written out in full. */
  answers: number;
  before: LanguageMetrics;
  after: LanguageMetrics;
}

export type LanguageArtefact = 'adapter' | 'merged';

const figure = (value: number | null): string =>
  value !== null && Number.isFinite(value) ? value.toFixed(4) : 'not measured';

function results({ rows, answers, before, after }: LanguageResults): string[] {
  const lines: [string, number | null, number | null][] = [
    ['loss (nats a token)', before.loss, after.loss],
    ['perplexity', before.perplexity, after.perplexity],
    ['token accuracy', before.tokenAccuracy, after.tokenAccuracy],
    ['exact match', before.exactMatch, after.exactMatch],
    ['ROUGE-L', before.rougeL, after.rougeL],
  ];
  return [
    `On ${rows} rows that training never ` +
      `saw${answers > 0 ? `; ${answers} answers were written out greedily for the last two figures` : ''}.`,
    '',
    ...table(
      ['figure', 'base model', 'taught'],
      lines.map(([name, base, taught]) => [name, figure(base), figure(taught)]),
    ),
  ];
}

function settingsOf({ config, device, kind }: RecipeParts): Setting[] {
  const { batch, more } = kind.ownSettings(config);
  return [
    ['method', config.method === 'lora' ? 'LoRA adapter' : 'all weights trained'],
    ['learning rate', config.learningRate],
    ['schedule', `${config.schedule}, warm-up over ${config.warmupRatio} of the steps`],
    ['epochs', config.epochs],
    ['batch', `${config.batchSize} × ${config.gradientAccumulation}${batch}`],
    ['longest sequence', `${config.maxLength} tokens`],
    ['gradient norm clipped at', config.maxGradNorm || 'not clipped'],
    ['seed', config.seed],
    ...more,
    ...(config.method === 'lora'
      ? [...loraSettings(config.lora), ['frozen weights kept in', BASE_IN_WORDS[config.base]] as const]
      : []),
    ['device', `${device.name} (${device.backend})`],
  ];
}

/** The card as Markdown with YAML front matter; `held` is null when nothing was evaluated. */
export function languageCard(recipe: RecipeParts, artefact: LanguageArtefact, held: LanguageResults | null): string {
  const { model, data } = recipe;
  const adapter = artefact === 'adapter';
  return [
    ...frontMatter({
      licence: model.licence,
      library: adapter ? 'peft' : 'transformers',
      pipeline: 'text-generation',
      baseModel: model.baseModel,
      lora: adapter,
    }),
    '',
    `# ${plain(recipe.name)}`,
    '',
    `${plain(model.name)} (${plain(model.architecture)}, ${model.parameters.toLocaleString('en-US')} ` +
      `parameters) ${recipe.kind.taught} with Tabtune, in a browser tab.`,
    '',
    adapter
      ? 'The adapter loads with `PeftModel.from_pretrained(base, folder)` on an `AutoModelForCausalLM` of the ' +
        'base model.'
      : 'It loads with `AutoModelForCausalLM.from_pretrained(folder)` and ' +
        '`AutoTokenizer.from_pretrained(folder)`; the chat template comes along.',
    '`recipe.json` holds every setting.',
    '',
    '## Data',
    '',
    `${plain(data.name)} (SHA-256 \`${data.sha256}\`). Training ${data.splitRows.train}, validation ` +
      `${data.splitRows.validation}, test ${data.splitRows.test} rows; split with seed ${data.split.seed}.`,
    '',
    ...recipeSection(settingsOf(recipe)),
    '',
    '## Results',
    '',
    ...(held ? results(held) : ['This model has not been evaluated on held-out rows.']),
    '',
    '## Limits',
    '',
    '- It may say things that are untrue, also about what it was taught: check answers that matter.',
    `- Nothing beyond ${recipe.config.maxLength} tokens was seen in training.`,
    '- Whatever is one-sided in the data or in the base model is one-sided here too.',
    '- The licence of the base model applies to these weights as well.',
    '',
  ].join('\n');
}
