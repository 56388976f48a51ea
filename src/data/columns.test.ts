/** What single cells say. */
import { describe, expect, it } from 'vitest';
import { parseList, parseNumber, parseSplit } from './columns';

describe('cells', () => {
  it.each([
    ['["a", "b", "a"]', ['a', 'b']],
    ["['a', 'it is']", ['a', 'it is']],
    ['[]', []],
    ['[1, 2]', ['1', '2']],
    ['a| b |', ['a', 'b']],
    ['a;b', ['a', 'b']],
    ['alone', ['alone']],
    ['[{"a": 1}]', null],
    ['{"a": 0.5, "b": 0.4, "c": true}', ['a', 'c']],
    ['[9007199254740993]', ['9007199254740993']],
    ["['a' 'b'\n 'c']", ['a', 'b', 'c']],
    ["array(['it\\'s', \"b\"], dtype='<U4')", ["it's", 'b']],
    ['(x)', ['(x)']],
    ['['.repeat(90_000), null],
    ['array('.repeat(15_000), ['array('.repeat(15_000)]],
    [`[${"'a' ".repeat(3)}${' '.repeat(90_000)}`, null],
    ['[broken', null],
  ])('the list %s', (cell, expected) => {
    expect(parseList(cell)).toEqual(expected);
  });

  it('numbers and splits', () => {
    expect([' 1e3 ', '-.5', '1,5', 'abc', ''].map((cell) => parseNumber(cell, false))).toEqual([
      1000,
      -0.5,
      NaN,
      NaN,
      NaN,
    ]);
    expect(['Train', 'DEV', 'valid', 'eval', 'x'].map(parseSplit)).toEqual([
      'train',
      'validation',
      'validation',
      'test',
      null,
    ]);
  });
});
