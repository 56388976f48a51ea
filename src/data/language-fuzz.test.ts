/** Any JSON at all, read as any layout, ends in a usable conversation or a reason, never in an exception. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LANGUAGE_LAYOUTS } from '../domain/dataset';
import type { LanguageLayout, LanguageMapping } from '../domain/dataset';
import { guessLanguageMapping } from './guess-language';
import { cellOf } from './json';
import { keyOf, languageReader, textOf } from './read-language';

const words = fc.constantFrom('', ' ', 'Hi', 'Hello there', '[', '{"role"', '\ud800', '{{ x }}', '__proto__');
const role = fc.constantFrom<unknown>('user', 'assistant', 'system', 'human', 'gpt', 'tool', '', null, 7);
const message = fc.oneof(fc.record({ role, content: words }), fc.record({ from: role, value: words }), fc.record({ role, content: fc.array(fc.record({ type: fc.constant('text'), text: words }), { maxLength: 2 }) }));
const messages = fc.array(message, { maxLength: 5 });
const value = fc.oneof(words, messages, message, fc.record({ messages }), fc.jsonValue());
const layouts = Object.keys(LANGUAGE_LAYOUTS) as LanguageLayout[];

it('holds for every layout', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 4, maxLength: 4 }), fc.constantFrom(...layouts), (row, layout) => {
      const { task, needs, may } = LANGUAGE_LAYOUTS[layout];
      const columns = ['a', 'b', 'c', 'd'];
      const roles = [...needs, ...may];
      const mapping: LanguageMapping = { task, layout, columns: Object.fromEntries(roles.map((name, i) => [name, columns[i]])), split: null };
      const outcome = languageReader(mapping, columns)(row.map(cellOf));
      if (!outcome.ok) {
        expect(outcome.trouble.message).toMatch(/\.$/);
        return;
      }
      const { content } = outcome;
      expect(typeof keyOf(content).text).toBe('string');
      expect(textOf(content).trim()).not.toBe('');
      if (content.kind === 'text') return;
      const turns = content.kind === 'chat' ? content.messages : [...content.prompt, { role: 'assistant', content: content.chosen }];
      const spoken = turns.slice(turns[0]?.role === 'system' ? 1 : 0);
      expect(spoken.map((turn) => turn.role)).toEqual(spoken.map((_, i) => (i % 2 === 0 ? 'user' : 'assistant')));
      expect(spoken.at(-1)?.role).toBe('assistant');
      expect(spoken.every((turn) => turn.content.trim() !== '')).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

it('a mapping can be guessed for any table', () => {
  const names = fc.uniqueArray(fc.constantFrom<string[]>('messages', 'conversations', 'prompt', 'completion', 'chosen', 'rejected', 'instruction', 'input', 'output', 'text', 'system', 'split', 'x'), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(names, fc.array(fc.array(value, { minLength: 5, maxLength: 5 }), { maxLength: 4 }), (columns, rows) => {
      const mapping = guessLanguageMapping(columns, rows.map((row) => row.map(cellOf)));
      if (!mapping) return;
      const used = [...Object.values(mapping.columns), ...(mapping.split === null ? [] : [mapping.split])];
      expect(used.every((column) => columns.includes(column))).toBe(true);
      expect(new Set(used).size).toBe(used.length);
      expect(LANGUAGE_LAYOUTS[mapping.layout].needs.every((name) => mapping.columns[name] !== undefined)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
