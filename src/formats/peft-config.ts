/** Understands PEFT's `adapter_config.json`: what an adapter computes, or the field for which it is refused. */
import { TabtuneError } from '../base/errors';
import { isObject, type Json } from '../base/json';

export const PEFT_CONFIG = 'adapter_config.json';

/** How PEFT changes the base when it loads the adapter: by the products of these matrices, which it takes away. */
export type BaseChange = 'none' | 'pissa' | 'olora';

/** The fields that decide what a LoRA adapter computes. */
export interface PeftConfig {
  r: number;
  lora_alpha: number;
  lora_dropout: number;
  /** Names or endings of layers; a regular expression or `all-linear` as text; null when the file does not say. */
  target_modules: readonly string[] | string | null;
  exclude_modules: readonly string[] | string | null;
  /** Numbers of the layers that are adapted, and of which list of layers; null for all. */
  layers_to_transform: readonly number[] | null;
  layers_pattern: readonly string[];
  modules_to_save: readonly string[];
  /** Ranks and alphas of layers by the end of their names, a regular expression. */
  rank_pattern: Readonly<Record<string, number>>;
  alpha_pattern: Readonly<Record<string, number>>;
  bias: 'none' | 'all' | 'lora_only';
  /** The scaling is alpha ÷ √r (arXiv:2312.03732). */
  use_rslora: boolean;
  /** Each row of the adapted weight has a learned length (arXiv:2402.09353). */
  use_dora: boolean;
  /**
   * Whether the adapted weights are stored [in, out]: PEFT sets it for layers of that kind (Conv1D). The shapes of
   * `lora_A` [r, in] and `lora_B` [out, r] are the same either way.
   */
  fan_in_fan_out: boolean;
  base_change: BaseChange;
  base_model_name_or_path: string | null;
  /** Ids of tokens whose embeddings are in the file, by the name of the embedding or as one list. */
  trainable_token_indices: unknown;
  /** The whole file, to be written again as it was. */
  whole: Json;
}

/** Fields that change the arithmetic; each with the values under which it changes nothing. */
const MUST_BE_NEUTRAL: Record<string, readonly unknown[]> = {
  use_qalora: [false, null, undefined],
  use_bdlora: [false, null, undefined],
  lora_bias: [false, null, undefined],
  layer_replication: [null, undefined],
  target_parameters: [null, undefined],
  arrow_config: [null, undefined],
  velora_config: [null, undefined],
  monteclora_config: [null, undefined],
  kasa_config: [null, undefined],
  alora_invocation_tokens: [null, undefined],
};
/** Ways to begin an adapter that leave the base as it is. */
const PLAIN_BEGINNINGS: readonly unknown[] = [
  true,
  false,
  null,
  undefined,
  'true',
  'false',
  'gaussian',
  'eva',
  'orthogonal',
  'mica',
];

const MERGE_FIX =
  'In Python, work it into the base (`PeftModel.from_pretrained(base, folder).merge_and_unload()`) and drop ' +
  'what that saves.';

/** Refuses an adapter by naming the field. */
export function refuseAdapter(code: 'unsupported' | 'bad-model', message: string, fix = MERGE_FIX): never {
  throw new TabtuneError(code, `${PEFT_CONFIG}: ${message}`, { place: { file: PEFT_CONFIG }, fix });
}

const bad = (message: string): never =>
  refuseAdapter('bad-model', message, 'Take the unchanged adapter_config.json of the adapter.');

function names(value: unknown, field: string): string[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    return bad(`\`${field}\` must be a list of module names.`);
  // PEFT itself writes a name twice when a default module is also named by the user.
  return [...new Set(value)];
}

const namesOrText = (value: unknown, field: string): readonly string[] | string | null =>
  value === null || value === undefined || typeof value === 'string' ? (value ?? null) : names(value, field);

function flag(config: Json, field: string): boolean {
  const value = config[field] ?? false;
  return typeof value === 'boolean' ? value : bad(`\`${field}\` must be true or false, not ${JSON.stringify(value)}.`);
}

const isRank = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
const isAlpha = (value: unknown): value is number => typeof value === 'number' && value > 0;

function pattern(
  config: Json,
  field: string,
  fits: (value: unknown) => value is number,
): Readonly<Record<string, number>> {
  const value = config[field] ?? {};
  const entries = isObject(value) ? Object.entries(value) : bad(`\`${field}\` must give a number for each name.`);
  return Object.fromEntries(
    entries.map(([name, number]) =>
      fits(number) ? [name, number] : bad(`\`${field}\` gives ${JSON.stringify(number)} for ${JSON.stringify(name)}.`),
    ),
  );
}

function layerNumbers(value: unknown): readonly number[] | null {
  const list: unknown[] = Array.isArray(value) ? value : typeof value === 'number' ? [value] : [];
  if (list.length === 0 && (value === null || value === undefined || Array.isArray(value))) return null;
  return list.length > 0 && list.every((item) => typeof item === 'number' && Number.isSafeInteger(item))
    ? (list as number[])
    : bad('`layers_to_transform` must be numbers of layers.');
}

/** Throws `unsupported` for a beginning that changed the base in a way that cannot be known from the file. */
function baseChangeOf(value: unknown): BaseChange {
  const name = typeof value === 'string' ? value.toLowerCase() : value;
  if (PLAIN_BEGINNINGS.includes(name)) return 'none';
  if (value === 'pissa') return 'pissa';
  if (name === 'olora') return 'olora';
  return refuseAdapter(
    'unsupported',
    `\`init_lora_weights\`: ${JSON.stringify(value)} changed the base model when the adapter was begun, in a way ` +
      'that cannot be repeated from these files.',
    'Save it in Python as a plain adapter: `model.save_pretrained(folder, ' +
      'path_initial_model_for_weight_conversion=initial_folder)`, where the second folder holds the adapter as it ' +
      'was before training.',
  );
}

function checkKind(config: Json): void {
  const kind = config['peft_type'];
  if (kind !== 'LORA')
    refuseAdapter(
      'unsupported',
      `adapters of the type ${JSON.stringify(kind)} (\`peft_type\`) are not supported, only LoRA.`,
    );
  for (const [field, neutral] of Object.entries(MUST_BE_NEUTRAL))
    if (!neutral.includes(config[field]))
      refuseAdapter('unsupported', `\`${field}\`: ${JSON.stringify(config[field])} is not supported.`);
}

/** Throws `unsupported` naming a field that computes something else than is known here, `bad-model` for a wrong one. */
export function readPeftConfig(config: Json): PeftConfig {
  checkKind(config);
  const { r, lora_alpha: alpha = 8, lora_dropout: dropout = 0, base_model_name_or_path: base } = config;
  if (!isRank(r)) return bad(`\`r\` must be a whole number above 0, not ${JSON.stringify(r)}.`);
  if (!isAlpha(alpha)) return bad(`\`lora_alpha\` must be above 0, not ${JSON.stringify(alpha)}.`);
  if (typeof dropout !== 'number' || !(dropout >= 0 && dropout < 1))
    return bad('`lora_dropout` must be from 0 to below 1.');
  const bias = config['bias'] ?? 'none';
  if (bias !== 'none' && bias !== 'all' && bias !== 'lora_only')
    return bad(`\`bias\` must be none, all or lora_only, not ${JSON.stringify(bias)}.`);
  const layersPattern = namesOrText(config['layers_pattern'], 'layers_pattern') ?? [];
  return {
    r,
    lora_alpha: alpha,
    lora_dropout: dropout,
    target_modules: namesOrText(config['target_modules'], 'target_modules'),
    exclude_modules: namesOrText(config['exclude_modules'], 'exclude_modules'),
    layers_to_transform: layerNumbers(config['layers_to_transform']),
    layers_pattern: typeof layersPattern === 'string' ? [layersPattern] : layersPattern,
    modules_to_save: names(config['modules_to_save'], 'modules_to_save'),
    rank_pattern: pattern(config, 'rank_pattern', isRank),
    alpha_pattern: pattern(config, 'alpha_pattern', isAlpha),
    bias,
    use_rslora: flag(config, 'use_rslora'),
    use_dora: flag(config, 'use_dora'),
    fan_in_fan_out: flag(config, 'fan_in_fan_out'),
    base_change: baseChangeOf(config['init_lora_weights']),
    base_model_name_or_path: typeof base === 'string' && base !== '' ? base : null,
    trainable_token_indices: config['trainable_token_indices'] ?? null,
    whole: config,
  };
}
