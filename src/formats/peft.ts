/** Reads and writes LoRA adapters in PEFT's own layout: `adapter_config.json` beside `adapter_model.safetensors`. */
import { TabtuneError } from '../base/errors';
import type { Json } from '../base/json';
import type { LoraConfig } from '../domain/training-config';
import type { FolderFile } from './folder';
import { jsonBytes, parseJsonObject } from './json-file';
import { PICKLE_REASON } from './magic';
import { PEFT_CONFIG as CONFIG, readPeftConfig } from './peft-config';
import type { PeftConfig } from './peft-config';
import { patternedValue } from './peft-targets';
import { readSafetensors, writeSafetensors } from './safetensors';
import type { NamedTensor } from './tensor';

const WEIGHTS = 'adapter_model.safetensors';
/** What PEFT puts before every name in the file. */
export const PEFT_PREFIX = 'base_model.model.';

export type { PeftConfig } from './peft-config';

export interface PeftAdapter {
  config: PeftConfig;
  /**
   * By PEFT's file names (`base_model.model.….query.lora_A.weight`, [r, in]; `lora_B.weight`, [out, r]; saved modules
   * in full).
   */
  tensors: Map<string, NamedTensor>;
}

/** A LoRA factor's name: the layer, and which factor it is. */
export const FACTOR = /^(.+)\.lora_([AB])\.weight$/;

/** Throws `bad-model` naming a LoRA factor whose partner is missing or whose rank is not the configuration's. */
function checkFactors(tensors: ReadonlyMap<string, NamedTensor>, config: PeftConfig): void {
  let factors = 0;
  for (const [name, { shape }] of tensors) {
    if (/\.lora_embedding_[AB]$/.test(name)) factors++;
    const [, layer = '', side] = FACTOR.exec(name) ?? [];
    if (side === undefined) continue;
    factors++;
    const own = patternedValue('rank_pattern', config, layer.replace(PEFT_PREFIX, ''));
    const rank = shape.length === 2 ? shape[side === 'A' ? 0 : 1] : undefined;
    const partner = `${layer}.lora_${side === 'A' ? 'B' : 'A'}.weight`;
    const problem =
      rank !== (own ?? config.r)
        ? `has the shape [${shape.join(', ')}], which does not fit r = ${own ?? config.r}`
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
  const config = readPeftConfig(parseJsonObject(await configFile.bytes(), CONFIG));
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
  checkFactors(tensors, config);
  return { config, tensors };
}

/** Files of an adapter that `PeftModel.from_pretrained` loads; `tensors` carry PEFT's file names. */
export function writePeftAdapter(options: {
  config: LoraConfig;
  /** The adapter_config.json of the adapter that was gone on with: what it says stays. */
  like?: Json | null;
  tensors: readonly NamedTensor[];
  /** `SEQ_CLS` for a classifier, `CAUSAL_LM` for a decoder. */
  taskType?: 'SEQ_CLS' | 'CAUSAL_LM';
  /** Whether the adapted weights are stored [in, out]. */
  fanInFanOut?: boolean;
  /** Hub id or folder of the base model, or null when it has none. */
  baseModelName: string | null;
  readme: string;
}): { path: string; bytes: Uint8Array }[] {
  const stray = options.tensors.find(({ name }) => !name.startsWith(PEFT_PREFIX));
  if (stray)
    throw new TabtuneError('internal', `"${stray.name}" is no name that PEFT knows.`, {
      place: { tensor: stray.name },
    });
  const { taskType = 'SEQ_CLS' } = options;
  const fresh = freshConfig(options.config);
  const config = {
    ...(options.like ? { ...options.like, modules_to_save: savedNames(options.like, taskType) } : fresh),
    peft_type: 'LORA',
    task_type: taskType,
    base_model_name_or_path: options.baseModelName,
    fan_in_fan_out: options.fanInFanOut ?? false,
    inference_mode: true,
  };
  return [
    { path: CONFIG, bytes: jsonBytes(config) },
    { path: WEIGHTS, bytes: writeSafetensors(options.tensors) },
    { path: 'README.md', bytes: new TextEncoder().encode(options.readme) },
  ];
}

/** What PEFT saves of a classifier whether it is told to or not is named. */
function savedNames({ modules_to_save: given }: Json, taskType: 'SEQ_CLS' | 'CAUSAL_LM'): string[] | null {
  const names = [
    ...(Array.isArray(given) ? (given as string[]) : []),
    ...(taskType === 'SEQ_CLS' ? ['classifier'] : []),
  ];
  return names.length > 0 ? [...new Set(names)] : null;
}

const freshConfig = ({ rank, alpha, dropout, targetModules, modulesToSave }: LoraConfig): Json => ({
  r: rank,
  lora_alpha: alpha,
  lora_dropout: dropout,
  target_modules: targetModules,
  modules_to_save: modulesToSave.length > 0 ? modulesToSave : null,
  bias: 'none',
  init_lora_weights: true,
  use_dora: false,
  use_rslora: false,
});
