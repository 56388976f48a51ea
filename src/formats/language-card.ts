/**
 * The model card of a taught decoder: where it comes from, how it answers held-out questions, and where its limits are.
 */
import { BASE_IN_WORDS } from '../domain/language-config';
import type { LanguageMetrics } from '../domain/language-metrics';
import type { LanguageRecipeParts } from './train-script';

/** How base and taught model did on the held-out rows. */
export interface LanguageResults {
  rows: number;
  /** Answers that were written out in full. */
  answers: number;
  before: LanguageMetrics;
  after: LanguageMetrics;
}

export type LanguageArtefact = 'adapter' | 'merged';

const yaml = (text: string): string => JSON.stringify(text);

/** Text inside a Markdown table or line: no line breaks, no markup of its own. */
const plain = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|#]/g, '\\$&');

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
    '| figure | base model | taught |',
    '| --- | --- | --- |',
    ...lines.map(([name, base, taught]) => `| ${name} | ${figure(base)} | ${figure(taught)} |`),
  ];
}

function recipeRows({ config, device, data }: LanguageRecipeParts): [string, string | number][] {
  return [
    ['method', config.method === 'lora' ? 'LoRA adapter' : 'all weights trained'],
    ['learning rate', config.learningRate],
    ['schedule', `${config.schedule}, warm-up over ${config.warmupRatio} of the steps`],
    ['epochs', config.epochs],
    ['batch', `${config.batchSize} × ${config.gradientAccumulation}${config.packing ? ', packed' : ''}`],
    ['longest sequence', `${config.maxLength} tokens`],
    ['gradient norm clipped at', config.maxGradNorm || 'not clipped'],
    ['seed', config.seed],
    ...(data.mapping.task === 'preference'
      ? ([
          ['beta', config.beta],
          ['label smoothing', config.labelSmoothing],
        ] satisfies [string, number][])
      : []),
    ...(config.method === 'lora'
      ? ([
          ['LoRA', `rank ${config.lora.rank}, alpha ${config.lora.alpha}, dropout ${config.lora.dropout}`],
          ['LoRA layers', config.lora.targetModules.join(', ')],
          ['frozen weights kept in', BASE_IN_WORDS[config.base]],
        ] satisfies [string, string][])
      : []),
    ['device', `${device.name} (${device.backend})`],
  ];
}

/** The card as Markdown with YAML front matter; `held` is null when nothing was evaluated. */
export function languageCard(
  recipe: LanguageRecipeParts,
  artefact: LanguageArtefact,
  held: LanguageResults | null,
): string {
  const { model, data } = recipe;
  const adapter = artefact === 'adapter';
  const taught = { chat: 'taught answers by supervised fine-tuning', preference: 'taught preferences by DPO' }[
    data.mapping.task
  ];
  return [
    '---',
    ...(model.licence ? [`license: ${yaml(model.licence.toLowerCase())}`] : []),
    `library_name: ${adapter ? 'peft' : 'transformers'}`,
    'pipeline_tag: text-generation',
    ...(model.baseModel ? [`base_model: ${yaml(model.baseModel)}`] : []),
    'tags:',
    '  - tabtune',
    ...(adapter ? ['  - lora'] : []),
    '---',
    '',
    `# ${plain(recipe.name)}`,
    '',
    `${plain(model.name)} (${plain(model.architecture)}, ${model.parameters.toLocaleString('en-US')} ` +
      `parameters) ${taught} with Tabtune, in a browser tab.`,
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
    '## Recipe',
    '',
    '| setting | value |',
    '| --- | --- |',
    ...recipeRows(recipe).map(([name, value]) => `| ${name} | ${plain(String(value))} |`),
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
