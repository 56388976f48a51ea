/** Which layers LoRA adapts and which modules are trained beside it, matched by name as PEFT does. */
import { TabtuneError } from '../../base/errors';

/** Whether a module path is `pattern` or ends with `.pattern`. */
export const matchesModule = (path: string, pattern: string): boolean =>
  path === pattern || path.endsWith(`.${pattern}`);

/**
 * Layer paths (`….query`) among `layers` that a target names; throws `bad-config` for a target that matches nothing.
 */
export function targetLayers(layers: readonly string[], targets: readonly string[]): string[] {
  for (const target of targets)
    if (!layers.some((layer) => matchesModule(layer, target)))
      throw new TabtuneError('bad-config', `LoRA: no linear layer of this model is called "${target}".`, {
        fix: `Pick among layers such as ${layers.slice(0, 6).join(', ')}.`,
      });
  return layers.filter((layer) => targets.some((target) => matchesModule(layer, target)));
}

/** Whether a parameter belongs to a module in `modules` (PEFT's `modules_to_save`). */
export function belongsTo(parameter: string, modules: readonly string[]): boolean {
  const parts = parameter.split('.');
  return parts.some((_, i) => modules.some((module) => matchesModule(parts.slice(0, i + 1).join('.'), module)));
}
