/** Which layers an adapter's configuration names, as PEFT matches them: by full name, or by the end of it. */
import type { PeftConfig } from './peft-config';
import { refuseAdapter } from './peft-config';

/** Whether a module path is `pattern` or ends with `.pattern`. */
const endsWith = (path: string, pattern: string): boolean => path === pattern || path.endsWith(`.${pattern}`);

/** Letters, digits, `_` and dots: as a regular expression such a name matches itself. */
const isPlainName = (name: string): boolean => /^[\w.]+$/.test(name);

const MOST_REPEATS = 3;

/** A pattern of PEFT as ours, or null where it could run for ever or would mean something else here. */
function boundedPattern(pattern: string): RegExp | null {
  const repeats = pattern.match(/[*+{]/g)?.length ?? 0;
  // A repeated group, or many repeats, can take exponential or very long time.
  if (pattern.length > 300 || repeats > MOST_REPEATS || /\)[*+{?]|\(\?|\\[1-9]/.test(pattern)) return null;
  try {
    return new RegExp(`^(?:.*\\.)?(?:${pattern})$`, 'u');
  } catch {
    return null;
  }
}

/**
 * What `rank_pattern` or `alpha_pattern` gives a layer: the first of its names that the layer's name ends with, or
 * null. Throws `unsupported` for a name that is a regular expression of a kind that is not read.
 */
export function patternedValue(
  field: 'rank_pattern' | 'alpha_pattern',
  config: PeftConfig,
  layer: string,
): number | null {
  for (const [name, value] of Object.entries(config[field])) {
    if (isPlainName(name)) {
      if (endsWith(layer, name)) return value;
      continue;
    }
    const pattern =
      boundedPattern(name) ??
      refuseAdapter('unsupported', `\`${field}\` names layers by ${JSON.stringify(name)}, which is not read here.`);
    if (pattern.test(layer)) return value;
  }
  return null;
}

/** The number of a layer in its list, as PEFT finds it: the first one that follows a name, or one of these names. */
function layerNumber(layer: string, lists: readonly string[]): number | null {
  const parts = layer.split('.');
  // Without names of lists, PEFT asks for something before the list's own name.
  const from = lists.length > 0 ? 1 : 2;
  for (let i = from; i < parts.length - 1; i++)
    if (/^\d+$/.test(parts[i] ?? '') && (lists.length === 0 || lists.includes(parts[i - 1] ?? '')))
      return Number(parts[i]);
  return null;
}

/**
 * Whether the configuration names a layer, or null where it does so by a regular expression or `all-linear`: then the
 * file says which layers are adapted.
 */
export function namesLayer(config: PeftConfig, layer: string): boolean | null {
  const { target_modules: targets, exclude_modules: excluded, layers_to_transform: numbers } = config;
  if (targets === null || typeof targets === 'string' || typeof excluded === 'string') return null;
  if (!config.layers_pattern.every(isPlainName) || !config.modules_to_save.every(isPlainName)) return null;
  if ((excluded ?? []).some((name) => endsWith(layer, name))) return false;
  if (liesInSaved(config, layer) || !targets.some((name) => endsWith(layer, name))) return false;
  // A layer named in full is adapted whatever its number.
  if (targets.includes(layer) || !numbers) return true;
  const number = layerNumber(layer, config.layers_pattern);
  return number !== null && numbers.includes(number);
}

/** The modules that a path lies in, and itself. */
const modulesAbove = (path: string): string[] => {
  const parts = path.split('.');
  return parts.map((_, i) => parts.slice(0, i + 1).join('.'));
};

const liesInSaved = ({ modules_to_save: saved }: PeftConfig, path: string): boolean =>
  modulesAbove(path).some((module) => saved.some((name) => endsWith(module, name)));

/**
 * Whether a parameter lies in a module that is saved whole: here PEFT takes names that end so, dot or not, such as
 * `pre_classifier` for `classifier`.
 */
export const isSaved = ({ modules_to_save: saved }: PeftConfig, path: string): boolean =>
  modulesAbove(path).some((module) => saved.some((name) => module.endsWith(name)));
