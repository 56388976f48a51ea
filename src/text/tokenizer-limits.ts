/**
 * What a tokenizer.json from a stranger may not do: patterns that take for ever, texts that grow without end, steps
 * that never advance.
 */
import { isObject } from '../base/json';
import type { Json } from '../base/json';
import { TabtuneError } from '../base/errors';
import { LONGEST_PATTERN, whyCostly } from './pattern-cost';

/** Steps of all pipelines together. The longest in use have about a dozen. */
const MOST_STEPS = 200;
/** By how much all replacements together may lengthen a text. */
const MOST_GROWTH = 64;
const LONGEST_MARK = 16;
/** WordPiece tries every end of a word at every start. */
const LONGEST_WORD = 1000;

function refuse(what: string): never {
  throw new TabtuneError('bad-tokenizer', `tokenizer.json: ${what}`, {
    place: { file: 'tokenizer.json' },
    fix: 'Take the unchanged tokenizer.json of the model, from a source that you trust.',
  });
}

/** Every step of a pipeline, sequences taken apart. */
function* stepsOf(part: unknown, depth = 0): Generator<Json> {
  if (depth > 8) refuse('its steps are nested too deeply.');
  if (!isObject(part)) return;
  yield part;
  for (const key of ['normalizers', 'pretokenizers', 'decoders'])
    for (const inner of Array.isArray(part[key]) ? (part[key] as unknown[]) : []) yield* stepsOf(inner, depth + 1);
}

/** Characters that a replacement writes for each that it takes, at most. */
function growthOf({ pattern, content }: Json): number {
  const written = typeof content === 'string' ? content.length : 0;
  const literal = isObject(pattern) ? pattern['String'] : undefined;
  if (typeof content === 'string' && content.includes('$')) refuse('a replacement writes “$”, which is not supported.');
  if (literal === '') refuse('a replacement looks for nothing.');
  return Math.max(1, written / (typeof literal === 'string' ? literal.length : 1));
}

/** Checks what a file says before anything is made of it. Throws `bad-tokenizer`. */
export function checkSteps(json: Json): void {
  let steps = 0;
  let growth = 1;
  for (const section of ['normalizer', 'pre_tokenizer', 'decoder'])
    for (const step of stepsOf(json[section])) {
      const { type, pattern } = step;
      if (++steps > MOST_STEPS) refuse(`it has more than ${MOST_STEPS} steps.`);
      if (type === 'Split' || type === 'Replace') {
        const text = isObject(pattern) ? (pattern['Regex'] ?? pattern['String']) : undefined;
        if (typeof text !== 'string' || text.length > LONGEST_PATTERN) refuse('a pattern is no text or too long.');
      }
      if (type === 'Replace') growth *= growthOf(step);
      if (growth > MOST_GROWTH) refuse('its replacements make texts too long.');
      if (type === 'FixedLength' && !(Number.isSafeInteger(step['length']) && Number(step['length']) > 0))
        refuse(`it cuts texts into pieces of ${JSON.stringify(step['length'])} characters.`);
      for (const mark of ['replacement', 'str_rep', 'prepend', 'prefix'])
        if (typeof step[mark] === 'string' && step[mark].length > LONGEST_MARK)
          refuse(`\`${mark}\` has more than ${LONGEST_MARK} characters.`);
    }
  const longest = isObject(json['model']) ? json['model']['max_input_chars_per_word'] : undefined;
  if (
    longest !== undefined &&
    longest !== null &&
    !(typeof longest === 'number' && longest >= 0 && longest <= LONGEST_WORD)
  )
    refuse(`words of ${JSON.stringify(longest)} characters are not supported.`);
}

/** Checks the patterns as the library has translated them, which is how they would run. Throws `bad-tokenizer`. */
export function checkPatterns(parts: readonly unknown[]): void {
  const open = [...parts];
  while (open.length > 0) {
    const part = open.pop();
    // The library's parts can be called: they are functions with properties.
    if ((typeof part !== 'object' && typeof part !== 'function') || part === null) continue;
    const { pattern, normalizers, tokenizers, decoders } = part as Record<string, unknown>;
    const reason = pattern instanceof RegExp ? whyCostly(pattern.source) : null;
    if (reason !== null)
      refuse(`the pattern ${JSON.stringify((pattern as RegExp).source.slice(0, 80))} is not run: ${reason}.`);
    for (const list of [normalizers, tokenizers, decoders]) if (Array.isArray(list)) open.push(...(list as unknown[]));
  }
}
