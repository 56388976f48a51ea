/** Frequencies of rotary embedding as transformers derives them from config.json (`modeling_rope_utils`). */
import { TabtuneError } from '../../base/errors';
import type { HfConfig } from '../types';
import { badConfig, decimal, word } from './config';

/** transformers 5 keeps base and scaling in `rope_parameters`, earlier versions in `rope_theta` and `rope_scaling`. */
function ropeFields(config: HfConfig): HfConfig {
  const given = config['rope_parameters'] ?? config['rope_scaling'];
  return { rope_theta: config['rope_theta'], ...(typeof given === 'object' && given !== null ? given : {}) };
}

/** Llama 3.1's scaling: slow frequencies are divided by `factor`, fast ones kept, those between blended. */
function llama3(frequency: number, fields: HfConfig): number {
  const factor = decimal(fields, 'factor', 8);
  const low = decimal(fields, 'low_freq_factor', 1);
  const high = decimal(fields, 'high_freq_factor', 4);
  const original = decimal(fields, 'original_max_position_embeddings', 8192);
  const turns = (original * frequency) / (2 * Math.PI);
  if (turns < low) return frequency / factor;
  if (turns > high) return frequency;
  const smooth = (turns - low) / (high - low);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}

/** More than any head has; so many frequencies are made, so that a wrong number must not be taken at its word. */
const LARGEST_HEAD = 65_536;

/**
 * headSize / 2 frequencies in radians a position. Throws `unsupported` naming a kind of scaling that is not known, and
 * `bad-config`.
 */
export function ropeFrequencies(config: HfConfig, headSize: number): Float32Array {
  if (headSize > LARGEST_HEAD) badConfig(`heads of ${headSize} values are larger than those of any language model.`);
  const fields = ropeFields(config);
  const kind = word(fields, 'rope_type', word(fields, 'type', 'default'));
  const base = decimal(fields, 'rope_theta', 10000);
  const scale: Record<string, (frequency: number) => number> = {
    default: (frequency) => frequency,
    linear: (frequency) => frequency / decimal(fields, 'factor', 1),
    llama3: (frequency) => llama3(frequency, fields),
  };
  const scaled = Object.hasOwn(scale, kind) ? scale[kind] : undefined;
  if (!scaled || decimal(config, 'partial_rotary_factor', 1) !== 1)
    throw new TabtuneError(
      'unsupported',
      `The position scaling "${kind}" of this model is not supported; ${Object.keys(scale).join(', ')} are, ` +
        'over whole heads.',
      { place: { file: 'config.json' } },
    );
  const frequencies = Float32Array.from({ length: headSize / 2 }, (_, i) => scaled(base ** ((-2 * i) / headSize)));
  if (frequencies.every((frequency) => frequency > 0 && Number.isFinite(frequency))) return frequencies;
  return badConfig(`with "rope_theta" ${base} and the scaling "${kind}" positions cannot be told apart.`);
}
