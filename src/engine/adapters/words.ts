/** What a person is told of an adapter. */
import type { AdapterFacts } from '../../domain/model';
import { isSaved } from '../../formats/peft-targets';
import { unusedInWords } from '../checkpoint-names';
import type { Work } from './work';

/** Why an adapter cannot be trained on as it is, or null. */
export function hindrance({ adapter, parts, anatomy }: Work): string | null {
  if (adapter.config.use_dora) return 'it is a DoRA adapter, which can be read here but not trained on';
  const other = [...parts.factors.keys()].find((layer) => !anatomy.layers.has(layer));
  if (other !== undefined) return `it adapts “${other}”, which cannot be trained on here`;
  return null;
}

export function factsOf({ adapter, parts }: Work, obstacle: string | null): AdapterFacts {
  const { config } = adapter;
  const layers = [...parts.factors.keys()];
  const { target_modules: targets } = config;
  const listed =
    typeof targets === 'object' && targets
      ? targets.filter((name) => layers.some((layer) => layer === name || layer.endsWith(`.${name}`)))
      : layers.map((layer) => layer.replace(/^.*\.\d+\./, ''));
  return {
    rank: config.r,
    alpha: config.lora_alpha,
    dropout: config.lora_dropout,
    targetModules: [...new Set(listed)],
    modulesToSave: [...config.modules_to_save],
    layers: parts.factors.size,
    scaling: config.use_rslora ? 'alpha ÷ √rank' : 'alpha ÷ rank',
    bias: config.bias,
    patterns: { ...asTexts('rank', config.rank_pattern), ...asTexts('alpha', config.alpha_pattern) },
    beginning: config.base_change,
    base: config.base_model_name_or_path,
    obstacle,
  };
}

const asTexts = (what: string, pattern: Readonly<Record<string, number>>): Record<string, string> =>
  Object.fromEntries(Object.entries(pattern).map(([name, value]) => [`${what} of ${name}`, String(value)]));

export function sentences({ adapter, parts, anatomy }: Work, obstacle: string | null): string[] {
  const { config } = adapter;
  const said: (string | null)[] = [];
  if (obstacle !== null)
    said.push(
      `The adapter is worked into the base model: ${obstacle}. What you train is a new adapter on top of that.`,
    );
  if (config.base_change !== 'none')
    said.push(
      `The adapter was begun by ${config.base_change === 'pissa' ? 'PiSSA' : 'OLoRA'}, which changes the base model: ` +
        'that is done again here, as PEFT does.',
    );
  if (config.bias !== 'none' && parts.whole.size > 0) said.push('The biases that the adapter trained are used.');
  const whole = [...parts.whole.keys()].filter((name) => !name.endsWith('.bias') && !isSaved(config, name));
  if (whole.length > 0) said.push(`The adapter brings its own ${whole.join(', ')}: used in place of the base model’s.`);
  const rows = [...parts.rows.values()].reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  if (rows > 0) said.push(`The adapter brings ${rows} rows of the embedding, for tokens it trained: they are used.`);
  if (parts.absent.length > 0)
    said.push(
      `The adapter’s settings name ${parts.absent.length} layers of which its file holds nothing, such as ` +
        `“${parts.absent[0] ?? ''}”: they are left as the base has them.`,
    );
  said.push(unusedInWords(parts.unused, 'the adapter'));
  const rest = [...parts.factors.keys()].filter((layer) => !anatomy.layers.has(layer) && obstacle === null);
  if (rest.length > 0) said.push(`Of the adapter, ${rest.join(', ')} cannot be trained on.`);
  return said.filter((sentence) => sentence !== null);
}
