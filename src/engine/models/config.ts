/** Reads numbers and names out of `config.json` with clear errors. */
import { TabtuneError } from '../../base/errors';
import type { HfConfig } from '../types';

/** Throws `bad-config`. */
export function badConfig(what: string): never {
  throw new TabtuneError('bad-config', `config.json: ${what}`, {
    place: { file: 'config.json' },
    fix: 'Use the config.json that belongs to these weights.',
  });
}

const wrong = (field: string, value: unknown, wanted: string): never =>
  badConfig(`"${field}" should be ${wanted}, not ${JSON.stringify(value)}.`);

/** A whole number of at least `least`. */
export function wholeNumber(config: HfConfig, field: string, fallback?: number, least = 1): number {
  const value = config[field] ?? fallback;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least)
    return wrong(field, config[field], `a whole number of at least ${least}`);
  return value;
}

export function decimal(config: HfConfig, field: string, fallback: number): number {
  const value = config[field] ?? fallback;
  if (typeof value !== 'number' || !Number.isFinite(value)) return wrong(field, value, 'a number');
  return value;
}

export function word(config: HfConfig, field: string, fallback: string): string {
  const value = config[field] ?? fallback;
  if (typeof value !== 'string') return wrong(field, value, 'a text');
  return value;
}

export function flag(config: HfConfig, field: string, fallback: boolean): boolean {
  const value = config[field] ?? fallback;
  if (typeof value !== 'boolean') return wrong(field, value, 'true or false');
  return value;
}

/**
 * Label names in index order from `id2label` (transformers leaves its default of two labels out), or null when the
 * table makes no sense: gaps, names that are no text, or one name for two labels.
 */
export function labelNames(config: HfConfig): string[] | null {
  const table = config['id2label'];
  if (table === undefined) return ['LABEL_0', 'LABEL_1'];
  if (typeof table !== 'object' || table === null) return null;
  const entries = Object.entries(table as Record<string, unknown>).map(([id, name]) => [Number(id), name] as const);
  entries.sort((a, b) => a[0] - b[0]);
  const names = entries.map(([, name]) => name).filter((name): name is string => typeof name === 'string');
  return entries.every(([id], i) => id === i) && new Set(names).size === entries.length ? names : null;
}
