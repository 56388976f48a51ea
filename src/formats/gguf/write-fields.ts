/** Reads figures out of config.json for a GGUF file, with clear refusals. */
import { TabtuneError } from '../../base/errors';
import { isObject, type Json } from '../../base/json';
import type { GgufEntry } from './write';

const FILE = 'config.json';
export const text = (value: string): GgufEntry => ({ type: 'string', value });
export const whole = (value: number): GgufEntry => ({ type: 'u32', value });
export const real = (value: number): GgufEntry => ({ type: 'f32', value });

export function refuse(message: string): never {
  throw new TabtuneError('unsupported', `A GGUF of this model cannot be written: ${message}`, {
    place: { file: FILE },
    fix: 'Export it as a Hugging Face folder instead.',
  });
}

export function size(config: Json, field: string): number {
  const value = config[field];
  return typeof value === 'number' && Number.isInteger(value) && value > 0
    ? value
    : refuse(`\`${field}\` is ${JSON.stringify(value)}.`);
}

export function figure(value: unknown, field: string): number {
  return typeof value === 'number' && Number.isFinite(value)
    ? value
    : refuse(`\`${field}\` is ${JSON.stringify(value)}.`);
}

/**
 * Base and scaling of the rotary embedding, from the fields of transformers 4 (`rope_theta`, `rope_scaling`) or 5
 * (`rope_parameters`).
 */
export function ropeOf(config: Json): { theta: number; headSize: number; scaling: Json | null } {
  const parameters = isObject(config['rope_parameters']) ? config['rope_parameters'] : {};
  const theta = figure(parameters['rope_theta'] ?? config['rope_theta'] ?? 10_000, 'rope_theta');
  const headSize =
    typeof config['head_dim'] === 'number'
      ? config['head_dim']
      : size(config, 'hidden_size') / size(config, 'num_attention_heads');
  const scaling = isObject(config['rope_scaling']) ? config['rope_scaling'] : parameters;
  const type = scaling['rope_type'] ?? scaling['type'] ?? 'default';
  return { theta, headSize, scaling: type === 'default' ? null : { ...scaling, rope_type: type } };
}
