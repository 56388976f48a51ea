/**
 * Jinja's template language as transformers sets it up for chat templates: an interpreter of our own, since what Python
 * prints, compares and refuses decides about the tokens that are learned.
 */
import { within } from './budget';
import type { TemplateLimits } from './budget';
import { Fault, Refusal, Unsupported } from './errors';
import { TEXT_FILTERS } from './filters';
import { globals } from './globals';
import { LIST_FILTERS } from './list-filters';
import { parse } from './parser';
import { Rendering } from './render';
import type { Span } from './render';
import { FILTERS, TESTS } from './registry';
import { TEST_LIST } from './tests';
import { Dict, Float } from './values';
import type { Value } from './values';

for (const [name, filter] of [...TEXT_FILTERS, ...LIST_FILTERS]) FILTERS.set(name, filter);
for (const [name, test] of TEST_LIST) TESTS.set(name, test);

export { Exceeded } from './budget';
export type { TemplateLimits } from './budget';
export { Fault, Refusal, Unsupported };

export type { Span } from './render';
export { parse };
export type Template = ReturnType<typeof parse>;

export interface RenderOptions {
  limits: TemplateLimits;
  clock: () => number;
  /** Gives `strftime_now` its time. */
  now: () => Date;
}

/** What JSON gives as Python's values. */
export function pythonValue(value: unknown): Value {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : new Float(value);
  if (Array.isArray(value)) return value.map(pythonValue);
  if (typeof value !== 'object') return null;
  return new Dict(Object.entries(value).map(([key, item]) => [key, pythonValue(item)] as const));
}

/**
 * The text of a template, and the parts of it that stand in `generation` blocks, in characters. Throws `Refusal`,
 * `Fault`, `Unsupported` and `Exceeded`, the latter three with the line.
 */
export function render(
  template: Template,
  variables: Readonly<Record<string, unknown>>,
  { limits, clock, now }: RenderOptions,
): { text: string; generated: readonly Span[] } {
  return within(limits, clock, () => {
    const given = Object.entries(variables).map(([name, value]) => [name, pythonValue(value)] as const);
    const rendering = new Rendering(new Map([...globals(now), ...given]));
    try {
      return { text: rendering.run(template), generated: rendering.generated };
    } catch (thrown) {
      if ((thrown instanceof Fault && !(thrown instanceof Refusal)) || thrown instanceof Unsupported)
        thrown.message = `line ${rendering.line}: ${thrown.message}`;
      throw thrown;
    }
  });
}
