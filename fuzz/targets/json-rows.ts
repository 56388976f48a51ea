/** JSON and JSON lines: what JSON.parse reads is read the same; what it refuses is never taken without a word. */
import { isObject } from '../../src/base/json';
import type { Json } from '../../src/base/json';
import { must } from '../../src/base/assert';
import fc from 'fast-check';
import { JsonReader } from '../../src/data/tables/json-reader';
import { cellOf } from '../../src/data/tables/json-values';
import { JsonLinesReader } from '../../src/data/tables/jsonl';
import { agree, fuzzTarget, holds, outcomeOf } from '../target';
import { spoiltText } from '../hostile';
import { collect } from './collect';
import type { Collected } from './collect';

const key = fc.constantFrom('text', 'label', 'a', '__proto__', '', 'constructor', '"', '\n');
const row = fc.dictionary(key, fc.oneof(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 2 })), { maxKeys: 3 });
const pieces = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '\\',
  ',',
  ':',
  '\n',
  '\r\n',
  ' ',
  'null',
  '1',
  'x',
  '\u0000',
  '😀',
  '\ud800',
  '{"a":1}',
  '\u2028',
];
const size = fc.integer({ min: 1, max: 9 });

function parsed(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/**
 * A row as the reader gives it and an object as JSON.parse gives it, both as pairs of key and cell; empty cells count
 * for nothing.
 */
const pairsOf = (object: Json): string[][] =>
  Object.entries(object)
    .map(([name, value]) => [name, cellOf(value)])
    .filter(([, cell]) => cell !== '')
    .sort();
const pairsRead = ({ columns }: Collected, cells: readonly string[]): string[][] =>
  cells
    .map((cell, i) => [columns[i] ?? '?', cell])
    .filter(([, cell]) => cell !== '')
    .sort();

/** The text of an array with exactly one comma between two elements, which are told by brackets and quotes. */
function withCommas(text: string): string {
  const body = text.slice(text.indexOf('[') + 1);
  let out = '';
  let depth = 0;
  let open = false;
  for (let i = 0; i < body.length; i++) {
    const character = must(body[i]);
    if (character === '"') {
      const end = /"(?:[^"\\]|\\[^])*"/y;
      end.lastIndex = i;
      const whole = end.exec(body)?.[0];
      if (whole === undefined) return text;
      if (depth === 0 && !open) out += out === '' ? '' : ',';
      open = true;
      out += whole;
      i += whole.length - 1;
      continue;
    }
    if (depth === 0 && /[\s,]/.test(character)) {
      if (character === ',') open = false;
      else out += character;
      continue;
    }
    if (depth === 0 && character === ']') return `[${out}]`;
    if (depth === 0 && !open) out += out.trim() === '' ? '' : ',';
    open = true;
    if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    out += character;
    if (depth === 0 && (character === '}' || character === ']')) open = false;
  }
  return `[${out}]`;
}

const arrayText = spoiltText(
  fc
    .tuple(fc.array(row, { maxLength: 4 }), fc.constantFrom(0, 1))
    .map(([rows, indent]) => JSON.stringify(rows, null, indent)),
  pieces,
).filter((text) => /^\s*\[/.test(text));

export const jsonArrays = fuzzTarget(
  'JSON arrays',
  fc.record({ text: arrayText, size }),
  async ({ text, size: at }) => {
    const readIn = (length: number) =>
      outcomeOf(() => {
        const lists = [{ at: text.indexOf('['), name: '' }];
        const places = { file: 'f.json', layout: 'lists' as const, lists, column: null };
        return collect((sink) => new JsonReader(places, sink), text, length);
      });
    const ours = await readIn(Math.max(1, text.length));
    agree(await readIn(at), ours, 'the pieces change what is read');
    if (!ours.ok) return false;
    const { rows, troubles, warnings } = ours.value;
    const exact = parsed(text);
    const quiet = troubles.length === 0 && warnings.length === 0;
    if (exact) {
      const elements = exact.value as unknown[];
      holds(rows.length === elements.length, `${rows.length} rows from ${elements.length} elements`);
      elements.forEach((element, i) => {
        const troubled = troubles.some(({ index }) => index === i);
        holds(
          troubled !== (isObject(element) || Array.isArray(element)),
          `element ${i + 1} is ${troubled ? 'refused' : 'taken'}`,
        );
        if (isObject(element))
          agree(pairsRead(ours.value, must(rows[i])), pairsOf(element), 'JSON.parse reads another row');
      });
    } else if (quiet) {
      // What is taken in silence may lack or repeat commas between its rows, and nothing else.
      const mended = parsed(withCommas(text));
      holds(Array.isArray(mended?.value) && /\]\s*$/.test(text), 'broken JSON is taken without a word');
      agree(
        rows.map((cells) => pairsRead(ours.value, cells)),
        (mended.value as (Json | unknown[])[]).map((one) =>
          Array.isArray(one)
            ? pairsOf(Object.fromEntries(one.map((cell, i) => [`column ${i + 1}`, cell])))
            : pairsOf(one),
        ),
        'broken JSON loses something without a word',
      );
    }
    return quiet;
  },
);

const linesText = spoiltText(
  fc
    .tuple(fc.array(row, { minLength: 1, maxLength: 4 }), fc.constantFrom('\n', '\r\n', '\n\n'))
    .map(([rows, newline]) => rows.map((one) => JSON.stringify(one)).join(newline)),
  pieces,
);

export const jsonLines = fuzzTarget('JSON lines', fc.record({ text: linesText, size }), async ({ text, size: at }) => {
  const readIn = (length: number) =>
    outcomeOf(() => collect((sink) => new JsonLinesReader({ file: 'f.jsonl' }, sink), text, length));
  const ours = await readIn(Math.max(1, text.length));
  agree(await readIn(at), ours, 'the pieces change what is read');
  if (!ours.ok) return false;
  const { rows, troubles } = ours.value;
  const lines = text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '');
  holds(rows.length === lines.length, `${rows.length} rows from ${lines.length} lines`);
  lines.forEach((line, i) => {
    const value = parsed(line)?.value;
    const troubled = troubles.some(({ index }) => index === i);
    holds(troubled !== (isObject(value) || Array.isArray(value)), `line ${i + 1} is ${troubled ? 'refused' : 'taken'}`);
    if (isObject(value)) agree(pairsRead(ours.value, must(rows[i])), pairsOf(value), 'JSON.parse reads another row');
  });
  return troubles.length === 0;
});
