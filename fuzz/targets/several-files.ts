/**
 * Several files at once: each is read or left out by name, none is lost, and the order in which they come changes
 * nothing. Archives as they stream: what is unpacked does not depend on where the stream is cut, and damage is noticed.
 */
import { gunzipSync, gzipSync } from 'fflate';
import fc from 'fast-check';
import { bytesSource, memoryStore } from '../../src/base/bytes';
import { Dataset } from '../../src/data/dataset';
import { SeveralFiles } from '../../src/data/parts/files';
import { gunzip } from '../../src/formats/archive/gzip';
import { TarReader } from '../../src/formats/archive/tar';
import { htmlTable } from '../../src/store/html-table';
import { rowLessons } from '../../src/testing/data';
import { agree, fuzzTarget, holds, outcomeOf } from '../target';
import { spoiltBytes, utf8 } from '../hostile';

const folder = fc.constantFrom(
  '',
  'train/',
  'test/',
  'dev/',
  'pos/',
  'neg/',
  'data/',
  'train/pos/',
  'test/neg/',
  'a b/',
);
const name = fc.constantFrom(
  ...[
    'train.csv',
    'test.csv',
    'part-1.csv',
    'part-10.csv',
    'rows.jsonl',
    'rows.json',
    '1.txt',
    '2.txt',
    '10.txt',
    'x.tsv',
  ],
  ...['README.md', 'a.png', '.DS_Store', 'model.bin', 'notes', 'my_dev.csv', 'b.md', 'x.parquet', 'c.train'],
);
const content = fc.constantFrom(
  'text,label\ngood,a\nbad,b\n',
  'label,text\na,fine\n',
  'id,title,price\n1,x,2\n',
  '{"text": "one", "label": "a"}\n{"text": "two", "label": "b"}\n',
  '[{"text": "three", "label": "c"}]',
  'a text of its own',
  'two\n\nparagraphs',
  'text\tlabel\nso\tx\n',
  'text,label,split\ngood,a,train\nbad,b,test\n',
  '',
  ' \n',
  '\u0000\u0001\u0002\u0003',
  '"open, quote',
  '{"text": "cut',
);
const files = fc
  .uniqueArray(fc.record({ path: fc.tuple(folder, name).map((parts) => parts.join('')), content }), {
    minLength: 1,
    maxLength: 6,
    selector: ({ path }) => path,
  })
  .map((list) => list.map(({ path, content: text }) => ({ path, source: bytesSource(path, utf8(text)) })));

const open = (list: SeveralFiles['files']) =>
  outcomeOf(() =>
    Dataset.import(new SeveralFiles(list), 'fuzz', { rows: memoryStore(), index: memoryStore() }, rowLessons, {
      durable: false,
    }),
  );

export const severalFiles = fuzzTarget('Several files', files, async (list) => {
  const [one, other] = [await open(list), await open([...list].reverse())];
  if (!one.ok || !other.ok) {
    holds(one.ok === other.ok, 'the order of the files decides whether they are read');
    holds(one.ok || one.error.code === 'bad-config' || (one.error.place?.file ?? '') !== '', 'no file is named');
    return false;
  }
  const { info } = one.value;
  agree({ ...info }, { ...other.value.info }, 'the order of the files changes the data set');
  const { rows } = one.value.rows(0, info.rows, 'all');
  agree(rows, other.value.rows(0, info.rows, 'all').rows, 'the order of the files changes the rows');
  const { parts = [], leftOut = [], kind } = info.source;
  const out = leftOut.reduce((sum, { count }) => sum + count, 0);
  const read = kind === 'texts' ? info.rows : kind === 'tables' ? parts.length : 1;
  agree(read + out, list.length, 'a file is neither read nor left out');
  if (kind === 'tables')
    agree(
      parts.reduce((sum, part) => sum + part.rows, 0),
      info.rows,
      'rows of files do not add up',
    );
  for (const { issue } of rows)
    holds(!issue || parts.length === 0 || parts.some(({ file }) => file === issue.file), 'an issue names no file');
  return true;
});

const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 3 });
const members = pieces.map((list) => Uint8Array.from(list.flatMap((bytes) => [...gzipSync(bytes, { mtime: 0 })])));

export const gzipFiles = fuzzTarget('Gzip files', spoiltBytes(members), async (bytes) => {
  const out: number[] = [];
  const read = await outcomeOf(() =>
    gunzip(
      bytesSource('a.gz', bytes),
      (piece) => void out.push(...piece),
      () => Promise.resolve(),
    ),
  );
  if (!read.ok) {
    agree(read.error.place?.file, 'a.gz', 'the refusal does not name the file');
    return false;
  }
  let reference: Uint8Array | null = null;
  try {
    reference = gunzipSync(bytes);
  } catch {
    // What comes in several members fflate reads as one only when it streams.
  }
  if (reference && reference.length === out.length) agree(out, [...reference], 'fflate unpacks something else');
  return true;
});

/** A ustar archive of these files, as a program writes it. */
function tar(list: readonly { path: string; bytes: Uint8Array }[]): Uint8Array {
  const blocks: number[] = [];
  for (const { path, bytes } of list) {
    const header = new Uint8Array(512);
    header.set(utf8(path).subarray(0, 100));
    header.set(utf8(`${bytes.length.toString(8).padStart(11, '0')}\0`), 124);
    header.set(utf8('        '), 148);
    header.set(utf8('0ustar\u000000'), 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.set(utf8(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
    blocks.push(...header, ...bytes, ...new Uint8Array((512 - (bytes.length % 512)) % 512));
  }
  return Uint8Array.from([...blocks, ...new Uint8Array(1024)]);
}

const tarFiles = fc
  .array(fc.record({ path: fc.constantFrom('a.csv', 'b/c.txt', 'ü.json'), bytes: fc.uint8Array({ maxLength: 700 }) }), {
    maxLength: 3,
  })
  .map(tar);

async function untar(bytes: Uint8Array, step: number) {
  const found: { path: string; bytes: number[] }[] = [];
  return outcomeOf(() => {
    const reader = new TarReader('a.tar', ({ path }) => {
      const file = { path, bytes: [] as number[] };
      found.push(file);
      return (piece) => void file.bytes.push(...piece);
    });
    for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
    reader.end();
    return found;
  });
}

export const tarArchives = fuzzTarget(
  'Tar archives',
  fc.record({ bytes: spoiltBytes(tarFiles), step: fc.integer({ min: 1, max: 900 }) }),
  async ({ bytes, step }) => {
    const [whole, cut] = [await untar(bytes, Infinity), await untar(bytes, step)];
    agree(
      cut.ok ? cut.value : cut.error.message,
      whole.ok ? whole.value : whole.error.message,
      'cutting the stream matters',
    );
    const unpacked = whole.ok ? whole.value.reduce((sum, file) => sum + file.bytes.length, 0) : 0;
    holds(unpacked <= bytes.length, 'more comes out than went in');
    return whole.ok;
  },
);

const markup = fc
  .array(
    fc.constantFrom(
      '<table>',
      '<tr>',
      '<td>',
      '</td>',
      '</tr>',
      '<th a="1">',
      '<br>',
      '<',
      '>',
      '&amp;',
      '&#x41;',
      '&#9999999;',
      'a b',
      '"',
      '\n',
      '</table>',
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));

export const pastedTables = fuzzTarget('Tables in HTML', markup, (html) => {
  const table = htmlTable(html);
  holds(table === null || !/<(td|tr|table)/i.test(table), 'markup is left in the table');
  return table !== null;
});
