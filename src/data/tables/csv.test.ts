/** Delimiter, header and decimal commas of tables as they are found in the wild. */
import { describe, expect, it } from 'vitest';
import { exampleOf, open } from '../../testing/data';
import { detectDelimited } from './csv';
import { detectHeader } from './header';

describe('delimiters and headers', () => {
  it.each([
    ['commas', 'text,label\n"a, b",x\nc,y\n', ',', true],
    ['semicolons with decimal commas', 'text;score\ngut, danke;1,5\nnaja;2,5\n', ';', true],
    ['tabs with commas in every text', 'Hello, world\tx\nGood, bad\ty\nOne, two\tx\n', '\t', false],
    ['bars', 'text|label\na, b and c|x\nd|y\n', '|', true],
    ['no header, labels repeat', 'first text here,x\nsecond text here,y\nthird text here,x\n', ',', false],
    [
      'names that nobody knows, long texts',
      'foo,bar\nA rather long sentence comes here.,x\nAnd another quite long sentence here.,y\n',
      ',',
      true,
    ],
    ['numbers in the first row', '1,2\n3,4\n', ',', false],
    ['a header over numbers', 'words,points\nsome words,3\nother words,4\n', ',', true],
  ])('%s', (_name, text, delimiter, hasHeader) => {
    expect(detectDelimited({ encoding: 'utf-8', sample: text }, true)).toMatchObject({ delimiter, hasHeader });
  });

  it('a lone record without known names is no header', () => {
    expect(detectHeader([['hello there', 'x']])).toBe(false);
    expect(detectHeader([])).toBe(false);
  });

  it.each(['[deleted],spam\nhello,ham\n', '{curly} text,spam\nhello,ham\n'])('%j is not JSON', async (text) => {
    expect((await open(text)).info.source.format).toBe('csv');
  });

  it('names columns where there is no header', async () => {
    const dataset = await open('first text here,x\nsecond text here,y\nthird text here,x\n');
    expect(dataset.info).toMatchObject({
      columns: ['column 1', 'column 2'],
      rows: 3,
      source: { hasHeader: false },
      mapping: { text: 'column 1', labels: ['column 2'] },
    });
  });

  it('follows Excel’s line that names the delimiter', async () => {
    const dataset = await open('sep=;\r\ntext;label\r\n"a, b";x\r\nc;y\r\n');
    expect(dataset.info).toMatchObject({
      columns: ['text', 'label'],
      rows: 2,
      source: { delimiter: ';', hasHeader: true },
    });
    expect(dataset.rows(0, 1, 'all').rows[0]?.cells).toEqual(['a, b', 'x']);
  });

  it('reads decimal commas where the delimiter allows them', async () => {
    const dataset = await open('text;score\ngut;1,5\nnaja;-2,25\n');
    expect(dataset.info.mapping).toMatchObject({ task: 'regression' });
    expect(exampleOf(dataset, 2)?.label).toBe(-2.25);
  });
});
