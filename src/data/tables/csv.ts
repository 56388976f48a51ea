/**
 * CSV, TSV and other delimited text: every text that no other format takes. Delimiter, quoting and header are found by
 * content (dialect.ts).
 */
import type { ByteSource } from '../../base/bytes';
import type { ReadWishes, SourceFormat } from '../../domain/dataset';
import { DelimitedReader } from './delimited';
import { NO_ROWS, costOf, findDialect, otherReadings } from './dialect';
import type { Found } from './dialect';
import { FILE_TYPES } from './file-types';
import type { HeadText, TableFormat, TableSink } from './format';
import { encodingInWords, readText } from './text-stream';
import type { TextFound } from './text-stream';

export type Delimited = TextFound &
  Found & {
    /** Whether the file went on behind what was looked at. */
    goesOn: boolean;
  };

const DELIMITER_WORDS: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'vertical bars',
  ' ': 'blanks',
};

export const csv = delimitedFormat('csv', 'a CSV table');
export const tsv = delimitedFormat('tsv', 'a tab-separated table');

function delimitedFormat(id: 'csv' | 'tsv', name: string): TableFormat<Delimited> {
  return {
    id,
    name,
    fileTypes: FILE_TYPES[id],
    detect({ text, whole, wishes }) {
      const found = text && detectDelimited(text, whole, wishes);
      return found?.format === id ? found : null;
    },
    read: readDelimited,
    words: delimitedInWords,
  };
}

/** How a text is read as a table. `whole` says that the sample is all there is. */
export function detectDelimited({ encoding, sample }: HeadText, whole: boolean, wishes: ReadWishes = {}): Delimited {
  const found = findDialect(sample, whole, wishes);
  return {
    ...found,
    format: found.delimiter === '\t' ? 'tsv' : 'csv',
    encoding,
    // Numbers with a decimal comma are at home in files whose delimiter is not the comma.
    decimalComma: found.delimiter === ';' || found.delimiter === '\t',
    goesOn: !whole,
    wishes,
  };
}

/** Reads the file; where lines are lost behind what was looked at, other readings of the whole file are tried. */
async function readDelimited(source: ByteSource, sink: TableSink, found: Delimited): Promise<Delimited | null> {
  const { wishes = {} } = found;
  const readWith = async (how: Delimited, into: TableSink) => {
    const options = { ...how, file: source.name, commentAsked: wishes.comment !== undefined };
    const reader = new DelimitedReader(options, into);
    const encoding = await readText(source, into, how, reader);
    return { doubts: reader.doubts, encoding };
  };
  const { doubts, encoding } = await readWith(found, sink);
  if (encoding) return { ...found, encoding };
  if (!found.goesOn || doubts.lost + doubts.swallowed === 0) return null;
  const judge: TableSink = { ...NO_ROWS, progress: (done) => sink.progress(done) };
  let best = { how: null as Delimited | null, cost: costOf(doubts) };
  for (const other of otherReadings(found, wishes)) {
    const how = { ...found, ...other };
    const cost = await readWith(how, judge).then(
      (read) => costOf(read.doubts),
      () => Infinity,
    );
    await sink.progress(source.size);
    if (cost < best.cost) best = { how, cost };
  }
  return best.how && { ...best.how, goesOn: false };
}

/** Such as "in UTF-8, cells separated by commas; the first row names the columns". */
function delimitedInWords(source: SourceFormat): string {
  const { delimiter, hasHeader, quoting, firstLine } = source;
  const cells = delimiter ? `, cells separated by ${DELIMITER_WORDS[delimiter] ?? `“${delimiter}”`}` : '';
  const quotes =
    quoting === 'none' ? ', quotes are text' : quoting === 'backslash' ? ', with backslashes before quotes' : '';
  const row = firstLine !== undefined && firstLine > 1 ? `line ${firstLine}` : 'the first row';
  const header = hasHeader ? `${row} names the columns` : 'no row names the columns, so they are numbered';
  return `${encodingInWords(source)}${cells}${quotes}${hasHeader === undefined ? '' : `; ${header}`}`;
}
