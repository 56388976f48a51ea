/** Reads and writes LoRA adapters in PEFT's own layout: `adapter_config.json` beside `adapter_model.safetensors`. */
import { TabtuneError } from '../base/errors';
import type { LoraConfig } from '../domain/training-config';
import type { FolderFile } from './folder';
import { jsonBytes, parseJsonObject } from './json-file';
import { PICKLE_REASON } from './magic';
import { readSafetensors, writeSafetensors } from './safetensors';
import type { NamedTensor } from './tensor';

const CONFIG = 'adapter_config.json';
const WEIGHTS = 'adapter_model.safetensors';
/** What PEFT puts before every name in the file. */
const PEFT_PREFIX = 'base_model.model.';

/** The fields of `adapter_config.json` that decide what the adapter computes. */
export interface PeftConfig {
  r: number;
  lora_alpha: number;
  lora_dropout: number;
  target_modules: string[];
  modules_to_save: string[];
  base_model_name_or_path: string | null;
  /**
   * Whether the adapted weights are stored [in, out]: PEFT sets it for layers of that kind (Conv1D). The shapes of
   * `lora_A` [r, in] and `lora_B` [out, r] are the same either way.
   */
  fan_in_fan_out: boolean;
}

export interface PeftAdapter {
  config: PeftConfig;
  /**
   * By PEFT's file names (`base_model.model.….query.lora_A.weight`, [r, in]; `lora_B.weight`, [out, r]; saved modules
   * in full).
   */
  tensors: Map<string, NamedTensor>;
}

/** Fields that change the arithmetic; each with the values under which it changes nothing. */
const MUST_BE_NEUTRAL: Record<string, readonly unknown[]> = {
  use_dora: [false, null, undefined],
  use_rslora: [false, null, undefined],
  use_qalora: [false, null, undefined],
  use_bdlora: [false, null, undefined],
  lora_bias: [false, null, undefined],
  bias: ['none', null, undefined],
  layers_to_transform: [null, undefined],
  layer_replication: [null, undefined],
  trainable_token_indices: [null, undefined],
  target_parameters: [null, undefined],
  arrow_config: [null, undefined],
};

function refuse(code: 'unsupported' | 'bad-model', message: string): never {
  throw new TabtuneError(code, `${CONFIG}: ${message}`, {
    place: { file: CONFIG },
    fix: 'A plain LoRA adapter (r, lora_alpha, target_modules, modules_to_save) is supported.',
  });
}

function names(value: unknown, field: string): string[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    return refuse('unsupported', `\`${field}\` must be a list of module names.`);
  // PEFT itself writes a name twice when a default module is also named by the user.
  return [...new Set(value)];
}

function readConfig(bytes: Uint8Array): PeftConfig {
  const config = parseJsonObject(bytes, CONFIG);
  if (config['peft_type'] !== 'LORA')
    refuse('unsupported', `the adapter type ${JSON.stringify(config['peft_type'])} is not supported.`);
  for (const [field, neutral] of Object.entries(MUST_BE_NEUTRAL))
    if (!neutral.includes(config[field]))
      refuse('unsupported', `\`${field}\`: ${JSON.stringify(config[field])} is not supported.`);
  for (const field of ['rank_pattern', 'alpha_pattern'])
    if (Object.keys(config[field] ?? {}).length > 0)
      refuse('unsupported', `ranks or alphas that differ by layer (\`${field}\`) are not supported.`);
  const { r, lora_alpha: alpha, lora_dropout: dropout = 0, base_model_name_or_path: base } = config;
  if (typeof r !== 'number' || !Number.isSafeInteger(r) || r < 1)
    return refuse('bad-model', `\`r\` must be a whole number above 0, not ${JSON.stringify(r)}.`);
  if (typeof alpha !== 'number' || !(alpha > 0))
    return refuse('bad-model', `\`lora_alpha\` must be above 0, not ${JSON.stringify(alpha)}.`);
  if (typeof dropout !== 'number' || !(dropout >= 0 && dropout < 1))
    return refuse('bad-model', '`lora_dropout` must be from 0 to below 1.');
  const fanInFanOut = config['fan_in_fan_out'] ?? false;
  if (typeof fanInFanOut !== 'boolean')
    return refuse('bad-model', `\`fan_in_fan_out\` must be true or false, not ${JSON.stringify(fanInFanOut)}.`);
  return {
    r,
    lora_alpha: alpha,
    lora_dropout: dropout,
    target_modules: names(config['target_modules'], 'target_modules'),
    modules_to_save: names(config['modules_to_save'], 'modules_to_save'),
    base_model_name_or_path: typeof base === 'string' ? base : null,
    fan_in_fan_out: fanInFanOut,
  };
}

/** Throws `unsupported` for an adapter of layers that are stored otherwise than those of the base model. */
export function checkFanInFanOut({ config }: PeftAdapter, base: { title: string; fanInFanOut: boolean }): void {
  if (config.fan_in_fan_out && !base.fanInFanOut)
    refuse(
      'unsupported',
      `\`fan_in_fan_out\` says that the adapted layers are stored [in, out], and those of ${base.title} are not.`,
    );
}

/** Throws `bad-model` naming a LoRA factor whose partner is missing or whose rank is not the configuration's. */
function checkFactors(tensors: ReadonlyMap<string, NamedTensor>, r: number): void {
  let factors = 0;
  for (const [name, { shape }] of tensors) {
    const side = /\.lora_([AB])\.weight$/.exec(name)?.[1];
    if (side === undefined) continue;
    factors++;
    const rank = shape.length === 2 ? shape[side === 'A' ? 0 : 1] : undefined;
    const partner = name.replace(/lora_[AB]\.weight$/, `lora_${side === 'A' ? 'B' : 'A'}.weight`);
    const problem =
      rank !== r
        ? `has the shape [${shape.join(', ')}], which does not fit r = ${r}`
        : tensors.has(partner)
          ? null
          : `has no partner "${partner}"`;
    if (problem)
      throw new TabtuneError('bad-model', `${WEIGHTS}: "${name}" ${problem}.`, {
        place: { file: WEIGHTS, tensor: name },
        fix: 'Export the adapter again with PEFT.',
      });
  }
  if (factors === 0)
    throw new TabtuneError('bad-model', `${WEIGHTS} holds no LoRA factors.`, { place: { file: WEIGHTS } });
}

/** Whether these files are (also) a PEFT adapter. */
export const isPeftFolder = (files: ReadonlyMap<string, FolderFile>): boolean => files.has(CONFIG);

/**
 * Reads an adapter. Throws `missing-file`, `unsupported` (variants of LoRA that compute something else) or `bad-model`.
 */
export async function readPeftAdapter(list: readonly FolderFile[]): Promise<PeftAdapter> {
  const files = new Map(list.map((file) => [file.path, file]));
  const configFile = files.get(CONFIG);
  if (!configFile)
    throw new TabtuneError('missing-file', `${CONFIG} is missing.`, {
      place: { file: CONFIG },
      fix: 'Take the whole adapter folder.',
    });
  const config = readConfig(await configFile.bytes());
  const weights = files.get(WEIGHTS);
  if (!weights) {
    if (files.has('adapter_model.bin'))
      throw new TabtuneError(
        'bad-model',
        `adapter_model.bin is a PyTorch pickle, and there is no ${WEIGHTS} beside it.`,
        { place: { file: 'adapter_model.bin' }, fix: PICKLE_REASON },
      );
    throw new TabtuneError('missing-file', `${WEIGHTS} is missing.`, {
      place: { file: WEIGHTS },
      fix: 'Take the whole adapter folder.',
    });
  }
  const { tensors } = readSafetensors(await weights.bytes(), WEIGHTS);
  checkFactors(tensors, config.r);
  return { config, tensors };
}

/** Files of an adapter that `PeftModel.from_pretrained` loads; `tensors` carry PEFT's file names. */
export function writePeftAdapter(options: {
  config: LoraConfig;
  tensors: readonly NamedTensor[];
  /** `SEQ_CLS` for a classifier, `CAUSAL_LM` for a decoder. */
  taskType?: 'SEQ_CLS' | 'CAUSAL_LM';
  /** Whether the adapted weights are stored [in, out]. */
  fanInFanOut?: boolean;
  /** Hub id or folder of the base model, or null when it has none. */
  baseModelName: string | null;
  readme: string;
}): { path: string; bytes: Uint8Array }[] {
  const { rank, alpha, dropout, targetModules, modulesToSave } = options.config;
  const stray = options.tensors.find(({ name }) => !name.startsWith(PEFT_PREFIX));
  if (stray)
    throw new TabtuneError('internal', `"${stray.name}" is no name that PEFT knows.`, {
      place: { tensor: stray.name },
    });
  const config = {
    peft_type: 'LORA',
    task_type: options.taskType ?? 'SEQ_CLS',
    base_model_name_or_path: options.baseModelName,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: dropout,
    target_modules: targetModules,
    modules_to_save: modulesToSave.length > 0 ? modulesToSave : null,
    bias: 'none',
    fan_in_fan_out: options.fanInFanOut ?? false,
    inference_mode: true,
    init_lora_weights: true,
    use_dora: false,
    use_rslora: false,
  };
  return [
    { path: CONFIG, bytes: jsonBytes(config) },
    { path: WEIGHTS, bytes: writeSafetensors(options.tensors) },
    { path: 'README.md', bytes: new TextEncoder().encode(options.readme) },
  ];
}
