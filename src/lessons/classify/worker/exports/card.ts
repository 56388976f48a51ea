/**
 * The model card: a README.md that says where a fine-tuned model comes from, how good it is, and where its limits are.
 */
import { figureInWords } from '../../../../domain/figures';
import type { TaskMetrics } from '../../../../domain/metrics';
import type { Method } from '../../../../domain/training-config';
import { frontMatter, loraSettings, plain, recipeSection, table } from '../../../../worker/run/card';
import type { Setting } from '../../../../worker/run/card';
import type { LabelSummary } from '../start';

const TASK_IN_WORDS = {
  'single-label': 'single-label text classification',
  'multi-label': 'multi-label text classification',
  regression: 'text regression',
} as const;
const METHOD_IN_WORDS = {
  full: 'all weights trained (Thorough)',
  lora: 'LoRA adapter with the head trained in full (Balanced)',
  head: 'linear head on the masked mean of frozen features (Quick)',
} as const;

const LIBRARY = { full: 'transformers', lora: 'peft', head: 'sentence-transformers' } as const;

const share = (value: number): string => (Number.isFinite(value) ? value.toFixed(4) : 'not defined');

function figures(metrics: TaskMetrics): [string, number][] {
  switch (metrics.task) {
    case 'single-label':
      return [
        ['accuracy', metrics.accuracy],
        ['macro F1', metrics.macroF1],
        ['weighted F1', metrics.weightedF1],
      ];
    case 'multi-label':
      return [
        ['micro F1', metrics.microF1],
        ['macro F1', metrics.macroF1],
        ['subset accuracy', metrics.subsetAccuracy],
      ];
    case 'regression':
      return [
        ['MAE', metrics.mae],
        ['RMSE', metrics.rmse],
        ['R²', metrics.r2],
        ['Pearson', metrics.pearson],
      ];
  }
}

function metricsSection(run: LabelSummary): string[] {
  const { evaluation } = run;
  if (!evaluation) return ['## Results', '', 'This model has not been evaluated on held-out rows.'];
  const { testRows, baseline, tuned } = evaluation;
  const before = new Map(figures(baseline.metrics));
  // Of numbers they are in the unit of the data, which may be of any size.
  const figure = tuned.task === 'regression' ? figureInWords : share;
  const lines = [
    '## Results',
    '',
    `On ${testRows} test rows that training never saw. Compared with: ` + plain(baseline.description),
    '',
    ...table(
      ['figure', 'before', 'fine-tuned'],
      figures(tuned).map(([name, value]) => [name, figure(before.get(name) ?? NaN), figure(value)]),
    ),
  ];
  if (tuned.task === 'regression') return lines;
  const perClass = tuned.perClass.map((c) => [
    plain(c.label),
    share(c.precision),
    share(c.recall),
    share(c.f1),
    String(c.support),
  ]);
  return [...lines, '', ...table(['label', 'precision', 'recall', 'F1', 'rows'], perClass)];
}

const ENDED_IN_WORDS: Record<LabelSummary['reason'], string> = {
  completed: 'after all epochs',
  stopped: 'stopped by hand',
  'early-stopping': 'by early stopping',
  'bad-numbers': 'before a step whose loss or gradient was not finite',
};

const settingsOf = (run: LabelSummary): Setting[] => settingsIn(run).concat(scaleSetting(run));

const settingsIn = ({ config, reason, device, backend }: LabelSummary): Setting[] => [
  ['method', METHOD_IN_WORDS[config.method]],
  ['learning rate', config.learningRate],
  ['schedule', `${config.schedule}, warm-up over ${config.warmupRatio} of the steps`],
  ['epochs', config.epochs],
  ['batch', `${config.batchSize} × ${config.gradientAccumulation}`],
  ['longest input', `${config.maxLength} tokens`],
  ['weight decay', `${config.weightDecay} (AdamW, on matrices only)`],
  ['gradient norm clipped at', config.maxGradNorm || 'not clipped'],
  ['label smoothing', config.labelSmoothing],
  ['class weights', config.classWeights],
  ['seed', config.seed],
  ...(config.method === 'lora'
    ? [...loraSettings(config.lora), ['saved in full', config.lora.modulesToSave.join(', ') || 'nothing'] as const]
    : []),
  ['ended', ENDED_IN_WORDS[reason]],
  ['device', `${device} (${backend})`],
];

/** The line of Python that asks the files for a number. */
const ASK: Record<Method, string> = {
  full: 'model(**tokenizer(text, return_tensors="pt")).logits.item()',
  lora: 'model(**tokenizer(text, return_tensors="pt")).logits.item()',
  head: 'SentenceTransformer(folder).encode([text]).item()',
};

/** What the files answer, where that is a number: the head holds mean and standard deviation, and cannot hold exp. */
function answers({ mapping, config, targetScale }: LabelSummary): string[] {
  if (mapping.task !== 'regression') return [];
  const ask = ASK[config.method];
  if (!targetScale?.log) return ['', `The number is in the unit of the data: \`${ask}\`.`];
  return [
    '',
    '**These files answer the natural logarithm of the number.** One line of Python puts it back into the unit of ' +
      `the data (after \`import math\`): \`number = math.exp(${ask})\`. The figures below are in the unit of the data.`,
  ];
}

const scaleSetting = ({ targetScale }: LabelSummary): Setting[] =>
  targetScale
    ? [
        [
          'numbers as learned',
          `${targetScale.log ? 'natural logarithm, ' : ''}less ${targetScale.mean}, over ${targetScale.std} ` +
            '(mean and standard deviation of the training rows; put back into the head)',
        ],
      ]
    : [];

function usage(run: LabelSummary): string[] {
  switch (run.config.method) {
    case 'full':
      return [
        'Load it with `AutoModelForSequenceClassification.from_pretrained(folder)` and ' +
          '`AutoTokenizer.from_pretrained(folder)`.',
      ];
    case 'lora':
      return [
        'The adapter loads with `PeftModel.from_pretrained(base, folder)` on an ' +
          '`AutoModelForSequenceClassification` of the base model with ' +
          `\`num_labels=${Math.max(1, run.labels.length)}\`; a merged folder loads with ` +
          '`AutoModelForSequenceClassification.from_pretrained(folder)`.',
      ];
    case 'head':
      return [
        '`SentenceTransformer(folder).encode(texts)` returns the logits; `id2label` in `config.json` names them.',
      ];
  }
}

/**
 * The card as Markdown with YAML front matter: base model, data, recipe, metrics, limits. `baseModel` is the id under
 * which others can look the base model up on the Hub, or null when only its owner has it.
 */
export function modelCard(run: LabelSummary, baseModel: string | null): string {
  const { splitRows, mapping } = run;
  const columns = [mapping.text, ...(mapping.textPair ? [mapping.textPair] : [])]
    .map((name) => `"${plain(name)}"`)
    .join(' and ');
  const labels =
    run.labels.length > 0
      ? [`Labels, by index: ${run.labels.map((label, index) => `${index} ${plain(label)}`).join(', ')}.`]
      : [];
  return [
    ...frontMatter({
      licence: run.model.licence,
      library: LIBRARY[run.config.method],
      pipeline: 'text-classification',
      baseModel,
      lora: run.config.method === 'lora',
    }),
    '',
    `# ${plain(run.name)}`,
    '',
    `${plain(run.model.name)} (${run.model.architecture}, ${run.model.parameters.toLocaleString('en-US')} ` +
      `parameters) fine-tuned for ${TASK_IN_WORDS[mapping.task]} with Tabtune, in a browser tab.`,
    '',
    ...usage(run),
    ...answers(run),
    ...labels,
    '',
    '## Data',
    '',
    `${plain(run.datasetName)} (SHA-256 \`${run.datasetSha256}\`): ${columns} as the text. Training ` +
      `${splitRows.train}, validation ${splitRows.validation}, test ${splitRows.test} rows; split with seed ` +
      `${run.split.seed}.`,
    '',
    ...recipeSection(settingsOf(run)),
    '',
    ...metricsSection(run),
    '',
    '## Limits',
    '',
    '- The figures hold for rows like those of the data above; on other texts the model may be worse, and ' +
      'it cannot say "none of these".',
    `- Inputs longer than ${run.config.maxLength} tokens are cut at the end.`,
    '- Whatever is one-sided in the data or in the base model is one-sided here too; check it for your ' +
      'use before you rely on it.',
    '- The licence of the base model applies to these weights as well.',
    '',
  ].join('\n');
}
