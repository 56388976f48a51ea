/** Repeats and conflicts equal those of a plain map, whatever the texts. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DuplicateList, SeenTexts } from './duplicates';

const rows = fc.array(
  fc.record({ text: fc.constantFrom('', 'a', 'b', 'ab', 'ba', 'a b'), label: fc.constantFrom('x', 'y', 'z') }),
  { maxLength: 60 },
);

it('finds the first row with the same text and label, and other labels for the text', () => {
  fc.assert(
    fc.property(rows, (all) => {
      const seen = new SeenTexts(all.length, (row) => all[row] ?? null);
      all.forEach((row, at) => {
        const before = all.slice(0, at).filter((other) => other.text === row.text);
        const found = seen.add(at, row);
        const original = all.findIndex((other) => other.text === row.text && other.label === row.label);
        expect(found.duplicateOf).toBe(original < at ? original : null);
        if (found.duplicateOf === null) expect(found.conflict).toBe(before.length > 0);
      });
    }),
  );
});

it('tells 100,000 different texts apart', () => {
  const seen = new SeenTexts(100_000, (row) => ({ text: `text ${row}`, label: 'x' }));
  let repeats = 0;
  for (let row = 0; row < 100_000; row++)
    if (seen.add(row, { text: `text ${row}`, label: 'x' }).duplicateOf !== null) repeats++;
  expect(repeats).toBe(0);
  expect(seen.add(100_000, { text: 'text 77777', label: 'x' }).duplicateOf).toBe(77_777);
});

it('lists pairs in order and finds them again', () => {
  const list = new DuplicateList();
  for (let row = 1; row < 1000; row += 2) list.push(row, row - 1);
  expect(list.count).toBe(500);
  expect([list.originalOf(1), list.originalOf(2), list.originalOf(999), list.originalOf(1001)]).toEqual([
    0,
    null,
    998,
    null,
  ]);
  expect(list.pairAt(499)).toEqual([999, 998]);
});
