/**
 * Bad and odd files: each ends in a typed error with a fix, or in a usable data set that says what is wrong; none
 * hangs.
 */
import { describe, expect, it } from 'vitest';
import { encode, exampleOf, examplesOf, given, open, openingError } from '../testing/data';

describe('files without rows', () => {
  it.each([
    ['an empty file', ''],
    ['white space only', ' \n\n  \t\n'],
    ['a byte order mark only', '\ufeff'],
    ['a header only', 'text,label\n'],
    ['an empty JSON array', '[]'],
    ['a JSON file cut off at once', '['],
  ])('%s is an error with a fix', async (_name, text) => {
    const error = await openingError(text);
    expect(error.code).toBe('bad-data');
    expect(error.fix).toBeTruthy();
    expect(error.place?.file).toBe('data.csv');
  });
});

describe('data that cannot be trained on opens and says why', () => {
  const rows = (count: number, line: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => line(i)).join('\n');

  it.each([
    ['one column', `text\n${rows(30, (i) => `text-${i}`)}`, 'There is no label column'],
    ['one column without a header', rows(30, (i) => `text-${i}`), 'There is no label column'],
    ['one label', `text,label\n${rows(30, (i) => `t${i},same`)}`, 'the same label, "same"'],
    [
      'empty texts only',
      `text,label\n${rows(30, (i) => `  ,l${i % 2}`)}`,
      'None of the 30 rows can be used: the texts in `text` are empty',
    ],
    ['no labels', `text,label\n${rows(30, (i) => `t${i},`)}`, 'the labels are missing'],
    ['10,000 labels', `text,label\n${rows(20_000, (i) => `t${i},label ${i % 10_000}`)}`, '10,000 different labels'],
    ['more labels than are told apart', `text,label\n${rows(30_000, (i) => `t${i},label ${i}`)}`, 'More than 20,000'],
    [
      'a label of its own for each of 5,000 rows',
      `text,label\n${rows(5000, (i) => `t${i},id-${i}`)}`,
      'probably not the label column',
    ],
    ['three rows', 'text,label\na,x\nb,y\nc,x', 'too few'],
    ['one row', 'text,label\na,x', 'same label'],
    ['one number', `text,score\n${rows(30, (i) => `t${i},1.5`)}`, 'the same number, 1.5'],
  ])('%s', async (_name, text, reason) => {
    const dataset = await open(text);
    expect(dataset.info.health.blocker).toContain(reason);
    expect(dataset.info.rows).toBeGreaterThan(0);
    // What cannot be trained on can still be looked at.
    expect(dataset.rows(0, 3, 'all').rows.length).toBeGreaterThan(0);
    expect(examplesOf(dataset, 'train').length).toBeLessThanOrEqual(dataset.info.usableRows);
  });

  it('a label with one row is kept for training, with a warning', async () => {
    const dataset = await open(`text,label\n${rows(60, (i) => `t${i},${i === 0 ? 'rare' : i % 2 ? 'a' : 'b'}`)}`);
    expect(dataset.info.health.blocker).toBeNull();
    expect(dataset.info.labels.find((label) => label.name === 'rare')).toEqual({
      name: 'rare',
      count: 1,
      bySplit: { train: 1, validation: 0, test: 0 },
    });
    expect(dataset.info.health.warnings.join(' ')).toContain('"rare"');
  });

  it('numbers that are none are listed row by row', async () => {
    const dataset = await open('text,score\na,1.5\nb,n/a\nc,2.25\nd,NaN\ne,Infinity\nf,0x10\n');
    await dataset.setMapping(given({ ...dataset.info.mapping, task: 'regression' }));
    expect(dataset.rows(0, 9, 'issues').rows.map((row) => [row.row, row.issue?.problem])).toEqual([
      [2, 'bad-label'],
      [4, 'bad-label'],
      [5, 'bad-label'],
      [6, 'bad-label'],
    ]);
  });
});

describe('names and texts that are dangerous elsewhere', () => {
  it.each([
    ['CSV', '__proto__,label\nhello,toString\nworld,__proto__\nagain,toString\n'],
    [
      'JSON',
      '[{"__proto__":"hello","label":"toString"},{"__proto__":"world","label":"__proto__"},{"__proto__":"again","label":"toString"}]',
    ],
  ])('__proto__ as a column and as a label in %s', async (_name, text) => {
    const dataset = await open(text);
    expect(dataset.info.columns).toEqual(['__proto__', 'label']);
    const info = await dataset.setMapping(
      given({
        lesson: 'classify',
        task: 'single-label',
        text: '__proto__',
        textPair: null,
        labels: ['label'],
        labelLayout: 'column',
        split: null,
      }),
    );
    expect(info.labels.map((label) => [label.name, label.count])).toEqual([
      ['__proto__', 1],
      ['toString', 2],
    ]);
    expect(exampleOf(dataset, 2)).toEqual({ row: 2, text: 'world', label: 0 });
    expect(({} as Record<string, unknown>).hello).toBeUndefined();
  });

  it('HTML, control characters and formulas come back as they are', async () => {
    const texts = [
      '<img src=x onerror=alert(1)>',
      'bell\u0007 and null\u0000 and escape\u001b[31m',
      '=HYPERLINK("http://x")',
      '\u202eright to left',
      'a\u2028b',
      '\ud83d\ude00',
    ];
    const csv = `text,label\n${texts.map((text, i) => `"${text.replaceAll('"', '""')}",${i % 2 ? 'odd' : 'even'}`).join('\n')}`;
    const json = JSON.stringify(texts.map((text, i) => ({ text, label: i % 2 ? 'odd' : 'even' })));
    for (const content of [csv, json, encode(csv, 'utf-16le')]) {
      const dataset = await open(content);
      expect(dataset.rows(0, 9, 'all').rows.map((row) => row.cells[0])).toEqual(texts);
    }
  });

  it('a lone surrogate escaped in JSON survives storage', async () => {
    const dataset = await open('[{"text":"a\\ud800b","label":"x"},{"text":"c","label":"y"}]');
    expect(dataset.rows(0, 1, 'all').rows[0]?.cells[0]).toBe('a\ud800b');
  });
});
