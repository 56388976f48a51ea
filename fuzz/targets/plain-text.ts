/** Plain text: paragraphs, as splitting the whole text at blank lines gives them, wherever the text is cut. */
import { must } from '../../src/base/assert';
import fc from 'fast-check';
import { PlainTextReader } from '../../src/data/tables/text';
import { agree, fuzzTarget, outcomeOf } from '../target';
import { collect } from './collect';

const text = fc.oneof(
  fc.string({
    unit: fc.constantFrom('a', 'b', ' ', '\t', '\n', '\n', '\r', '\r\n', '\u2028', '\u00a0', '😀'),
    maxLength: 60,
  }),
  fc.string({ maxLength: 40 }),
);

export const plainText = fuzzTarget(
  'Plain text',
  fc.record({ text, size: fc.integer({ min: 1, max: 9 }) }),
  async ({ text: whole, size }) => {
    const ours = await outcomeOf(() => collect((sink) => new PlainTextReader({ file: 'f.txt' }, sink), whole, size));
    const lines = whole.split('\n').map((line) => line.replace(/\r$/, ''));
    const paragraphs: string[][] = [[]];
    for (const line of lines) {
      if (line.trim() === '') paragraphs.push([]);
      else must(paragraphs.at(-1)).push(line);
    }
    const expected = paragraphs.filter((paragraph) => paragraph.length > 0).map((paragraph) => [paragraph.join('\n')]);
    agree(ours.ok && ours.value.rows, expected, 'splitting the whole text gives other paragraphs');
    return true;
  },
  { refuses: false },
);
