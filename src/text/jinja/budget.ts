/**
 * What bounds one rendering, so that no template can hang or fill the worker. Rendering is synchronous: the budget of
 * the one that runs is kept here, and everything that loops or grows asks it.
 */

/** What bounds one rendering. Real templates take a few thousand steps for a long conversation. */
export interface TemplateLimits {
  /** Expressions and statements that are evaluated, and values that are gone through. */
  steps: number;
  /** Characters of any one string, the result included. */
  characters: number;
  /** Values in any one list, counted to and nested ones included. */
  values: number;
  elapsedMs: number;
}

/** Thrown when a rendering takes more than its limits. */
export class Exceeded extends Error {}

let limits: TemplateLimits = { steps: 0, characters: 0, values: 0, elapsedMs: 0 };
let steps = 0;
let asked = 0;
let deadline = 0;
let clock = (): number => 0;

/** Runs `work` within `given`. Throws `Exceeded`. */
export function within<T>(given: TemplateLimits, now: () => number, work: () => T): T {
  limits = given;
  steps = 0;
  asked = 0;
  clock = now;
  deadline = now() + given.elapsedMs;
  return work();
}

/** Counts steps. Throws `Exceeded` when there are too many, or when time is up. */
export function spend(count = 1): void {
  steps += count;
  if (steps > limits.steps) throw new Exceeded(`it takes more than ${limits.steps} steps`);
  // Looking at the clock takes longer than most steps.
  if (++asked % 16 === 0 && clock() > deadline) throw new Exceeded(`it takes longer than ${limits.elapsedMs / 1000} s`);
}

/** Asked before a text is made. Throws `Exceeded` when it would be too long. */
export function roomForText(characters: number): void {
  if (!(characters <= limits.characters))
    throw new Exceeded(`it makes a text of more than ${limits.characters} characters`);
}

/** Asked before a list is made. Throws `Exceeded` when it would be too long. */
export function roomForList(values: number): void {
  if (!(values <= limits.values)) throw new Exceeded(`it makes a list of more than ${limits.values} values`);
}

/** Asked before numbers are counted through. Throws `Exceeded` when there are too many. */
export function roomForRange(count: number): void {
  if (!(count <= limits.values)) throw new Exceeded(`it counts to more than ${limits.values}`);
}

/** Joins texts, within the budget. */
export function joined(texts: readonly string[], separator = ''): string {
  roomForText(texts.reduce((sum, text) => sum + text.length, separator.length * Math.max(0, texts.length - 1)));
  return texts.join(separator);
}
