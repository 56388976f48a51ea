/**
 * What a tokenizer.json from a stranger may not do: texts that grow without end, steps that never advance, work that
 * takes for ever.
 */
import { isList, isObject } from '../base/json';
import type { Json } from '../base/json';
import { TabtuneError } from '../base/errors';

/** Steps of all pipelines together. The longest in use have about a dozen. */
const MOST_STEPS = 200;
/** By how much all replacements together may lengthen a text. */
const MOST_GROWTH = 64;
const LONGEST_MARK = 16;
/** WordPiece tries every end of a word at every start. */
const LONGEST_WORD = 256;
/** Characters of a pattern; the longest in use have some 2,000. */
const LONGEST_PATTERN = 8192;
/** Bytes that a character map may write for a character; NFKC writes 33 at most. */
const LONGEST_REPLACEMENT = 128;
/**
 * Bytes that Unigram may look at for one place of a text: at each it takes up every token that begins there. Runs of 64
 * spaces, each length a token, come to 6,240.
 */
const MOST_AT_A_PLACE = 20_000;
/** Characters of a text when a pattern looks ahead or behind without a bound: at each place it reads the whole text. */
const LONGEST_LOOKED_THROUGH = 10_000;

export function refuse(what: string): never {
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
    for (const inner of isList(part[key]) ? part[key] : []) yield* stepsOf(inner, depth + 1);
}

/** Characters that a replacement writes for each that it takes, at most. */
function growthOf({ pattern, content }: Json): number {
  const written = typeof content === 'string' ? content.length : 0;
  const literal = isObject(pattern) ? pattern['String'] : undefined;
  if (literal === '') refuse('a replacement looks for nothing.');
  return Math.max(1, written / (typeof literal === 'string' ? literal.length : 1));
}

/** The replacements are texts that end with a zero byte, behind the trie, whose length comes first. */
function checkCharacterMap(map: unknown): void {
  let bytes: string;
  try {
    bytes = atob(typeof map === 'string' ? map : '');
  } catch {
    bytes = '';
  }
  const trie = [0, 1, 2, 3].reduce((sum, at) => sum + (bytes.charCodeAt(at) || 0) * 256 ** at, 0);
  if (trie === 0 || trie % 4 !== 0 || 4 + trie > bytes.length) refuse('the precompiled character map is damaged.');
  if (
    bytes
      .slice(4 + trie)
      .split('\0')
      .some((written) => written.length > LONGEST_REPLACEMENT)
  )
    refuse(`its character map writes more than ${LONGEST_REPLACEMENT} bytes for a character.`);
}

/** Whether a pattern looks ahead or behind (`(?=…)`, `(?<!…)`) for something without a longest length. */
export function looksFar(pattern: string): boolean {
  const opened: boolean[] = [];
  for (const [part] of pattern.matchAll(/\\[^]|\[(?:\\[^]|[^\]\\])*\]|\(\?<?[=!]|[()]|[*+]|\{\d*,\}/g))
    if (part.startsWith('(')) opened.push(part !== '(');
    else if (part === ')') opened.pop();
    else if (!/^[\\[]/.test(part) && opened.includes(true)) return true;
  return false;
}

/** Bytes that are read at the costliest place: the lengths of a token and of all tokens that it begins with. */
function checkUnigram(model: Json): void {
  const tokens = (isList(model['vocab']) ? model['vocab'] : [])
    .map((item) => (isList(item) ? item[0] : null))
    .filter((token) => typeof token === 'string')
    .sort();
  // Sorted, a token's beginnings come before it, each within the next.
  const within: { token: string; sum: number }[] = [];
  for (const token of tokens) {
    while (within.length > 0 && !token.startsWith(within.at(-1)?.token ?? '')) within.pop();
    const sum = (within.at(-1)?.sum ?? 0) + 3 * token.length;
    if (sum > MOST_AT_A_PLACE) refuse('its tokens are too long, and too many begin alike.');
    within.push({ token, sum });
  }
}

function checkStep(step: Json): void {
  const { type, pattern } = step;
  if (type === 'Split' || type === 'Replace') {
    const text = isObject(pattern) ? (pattern['Regex'] ?? pattern['String']) : undefined;
    if (typeof text !== 'string' || text.length > LONGEST_PATTERN) refuse('a pattern is no text or too long.');
  }
  if (type === 'Precompiled') checkCharacterMap(step['precompiled_charsmap']);
  if (type === 'FixedLength' && !(Number.isSafeInteger(step['length']) && Number(step['length']) > 0))
    refuse(`it cuts texts into pieces of ${JSON.stringify(step['length'])} characters.`);
  for (const mark of ['replacement', 'str_rep', 'prepend', 'prefix'])
    if (typeof step[mark] === 'string' && step[mark].length > LONGEST_MARK)
      refuse(`\`${mark}\` has more than ${LONGEST_MARK} characters.`);
}

/**
 * Checks what a file says before anything is made of it, and gives the longest text that may be given to it, in
 * characters. Throws `bad-tokenizer`.
 */
export function checkSteps(json: Json): number {
  let steps = 0;
  let growth = 1;
  let longestText = Infinity;
  for (const section of ['normalizer', 'pre_tokenizer', 'decoder'])
    for (const step of stepsOf(json[section])) {
      if (++steps > MOST_STEPS) refuse(`it has more than ${MOST_STEPS} steps.`);
      checkStep(step);
      if (step['type'] === 'Replace') growth *= growthOf(step);
      if (growth > MOST_GROWTH) refuse('its replacements make texts too long.');
      const regex = isObject(step['pattern']) ? step['pattern']['Regex'] : undefined;
      if (typeof regex === 'string' && looksFar(regex)) longestText = LONGEST_LOOKED_THROUGH;
    }
  const model = isObject(json['model']) ? json['model'] : refuse('there is no model.');
  checkUnigram(model);
  const longest = model['max_input_chars_per_word'];
  if (
    longest !== undefined &&
    longest !== null &&
    !(typeof longest === 'number' && longest >= 0 && longest <= LONGEST_WORD)
  )
    refuse(`words of ${JSON.stringify(longest)} characters are not supported.`);
  return longestText;
}
