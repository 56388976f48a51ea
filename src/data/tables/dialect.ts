/** How delimited text is to be read, found by trying: the reading that loses the fewest lines is taken. */
import { must } from '../../base/assert';
import { TabtuneError } from '../../base/errors';
import type { ReadWishes } from '../../domain/dataset';
import { DelimitedReader } from './delimited';
import type { DelimitedOptions, Doubts } from './delimited';
import { layoutOf } from './header';
import type { FirstRecord, Layout } from './header';
import { nextLine, readRecord } from './record';
import type { Dialect } from './record';
import { countLines } from './text-stream';

/** Candidates, the less ambiguous first: a tab or a semicolon is rarer inside texts than a comma. */
const DELIMITERS = ['\t', ';', ',', '|'] as const;
const RECORDS_LOOKED_AT = 200;
/** Text on which readings are compared. */
const COMPARED = 1 << 18;

export type Found = Required<Omit<DelimitedOptions, 'commentAsked'>>;

/** The first records of a sample as one dialect reads them, without blank lines. */
function firstRecords(sample: string, dialect: Dialect, whole: boolean, firstLine: number): FirstRecord[] {
  const records: FirstRecord[] = [];
  let [at, line, afterBlank] = [0, 1, false];
  for (; line < firstLine && at < sample.length; line++) at = nextLine(sample, at);
  while (at < sample.length && records.length < RECORDS_LOOKED_AT) {
    let result = readRecord(sample, at, dialect, whole);
    // A sample without a single whole record is judged by what there is.
    if (result.kind === 'incomplete' && records.length === 0) result = readRecord(sample, at, dialect, true);
    if (result.kind === 'incomplete') break;
    if (result.kind === 'record' && !result.blank) records.push({ cells: result.cells, line, afterBlank });
    afterBlank = result.kind === 'record' && result.blank;
    line += countLines(sample, at, result.end);
    at = result.end;
  }
  return records;
}

/** The readings of one delimiter that may make sense of the sample, the usual one first. */
function dialectsOf(sample: string, delimiter: string, wishes: ReadWishes): Dialect[] {
  const quotes: Dialect = { delimiter, quoting: wishes.quoting ?? 'quotes', skipSpace: false };
  const spaced = sample.includes(`${delimiter} "`) && quotes.quoting !== 'none';
  if (wishes.quoting) return spaced ? [quotes, { ...quotes, skipSpace: true }] : [quotes];
  const dialects = [quotes];
  if (spaced) dialects.push({ ...quotes, skipSpace: true });
  const escaped = sample.includes('\\"') || sample.includes(`\\${delimiter}`);
  if (escaped) dialects.push({ ...quotes, quoting: 'backslash' });
  if (escaped && spaced) dialects.push({ ...quotes, quoting: 'backslash', skipSpace: true });
  if (sample.includes('"')) dialects.push({ ...quotes, quoting: 'none' });
  return dialects;
}

/** How the sample is read with one dialect. */
function foundWith(sample: string, dialect: Dialect, whole: boolean, wishes: ReadWishes): Found & Layout {
  const named = /^sep=[^\r\n]\r?\n/i.test(sample);
  const asked = wishes.firstLine ?? (named ? 2 : 1);
  const records = firstRecords(sample, dialect, whole, asked);
  const layout = layoutOf(records);
  return {
    ...layout,
    ...dialect,
    namesDelimiter: named,
    firstLine: wishes.firstLine ?? Math.max(asked, layout.firstLine),
    hasHeader: wishes.hasHeader ?? layout.hasHeader,
    rowNames: layout.rowNames && wishes.hasHeader !== false,
    comment: wishes.comment ?? layout.comment,
  };
}

/** A sink for readings that are only judged. */
export const NO_ROWS = { row: () => undefined, column: () => 0, warn: () => undefined };

/** What speaks against reading a text so. */
function doubtsOf(sample: string, found: Found, whole: boolean, wishes: ReadWishes): Doubts {
  const reader = new DelimitedReader({ ...found, file: '', commentAsked: wishes.comment !== undefined }, NO_ROWS);
  try {
    reader.push(sample);
    if (whole) reader.end();
    return reader.doubts;
  } catch (thrown) {
    if (!(thrown instanceof TabtuneError)) throw thrown;
    return { ...reader.doubts, lost: reader.doubts.lost + sample.length };
  }
}

/** One number for what speaks against a reading, in lines lost; quotes out of place count less. */
export const costOf = ({ lost, swallowed, misplaced, wrapped }: Doubts): number =>
  lost + swallowed + 0.4 * misplaced + 0.5 * wrapped;

/** Readings of one delimiter by what speaks against them. */
function bestOf(sample: string, delimiter: string, whole: boolean, wishes: ReadWishes): Found & Layout {
  const text = sample.slice(0, COMPARED);
  const all = whole && text.length === sample.length;
  const dialects = dialectsOf(sample, delimiter, wishes);
  if (dialects.length === 1) return foundWith(sample, must(dialects[0]), whole, wishes);
  const judged = dialects.map((dialect) => {
    const found = foundWith(sample, dialect, whole, wishes);
    return { found, doubts: doubtsOf(text, found, all, wishes) };
  });
  // Where nothing is lost with quotes, cells that need them are a reason to keep to them.
  const [first] = judged;
  const good = first && first.doubts.lost + first.doubts.swallowed === 0 ? first.doubts.needed : 0;
  const cost = ({ found, doubts }: (typeof judged)[number]): number =>
    costOf(doubts) + (found.quoting === 'none' ? good : 0);
  const best = judged.reduce((one, other) => (cost(other) < cost(one) - 1e-9 ? other : one));
  // Whoever writes tabs and lone quotes inside cells does not quote: then cells wholly in quotes are texts as well.
  const plain = judged.find(({ found }) => found.quoting === 'none');
  const { lost, swallowed, misplaced, needed } = best.doubts;
  const never = delimiter === '\t' && misplaced > 0 && needed === 0;
  return (plain && never && plain.doubts.lost <= lost + swallowed ? plain : best).found;
}

/** How a text is read as a table. `whole` says that the sample is all there is. */
export function findDialect(sample: string, whole: boolean, wishes: ReadWishes = {}): Found {
  const named = /^sep=([^\r\n])\r?\n/i.exec(sample)?.[1];
  const asked = wishes.delimiter ?? named;
  if (asked) return asFound(bestOf(sample, asked, whole, wishes));
  let best = { found: null as (Found & Layout) | null, score: 0.3 };
  for (const delimiter of DELIMITERS) {
    if (!sample.includes(delimiter)) continue;
    const found = bestOf(sample, delimiter, whole, wishes);
    const score = found.agreement === 0 ? 0 : found.agreement + (found.known ? 0.5 : 0);
    if (score > best.score + 1e-9) best = { found, score };
  }
  return asFound(best.found ?? bestOf(sample, ',', whole, wishes));
}

function asFound({
  delimiter,
  quoting,
  skipSpace,
  hasHeader,
  firstLine,
  namesDelimiter,
  rowNames,
  comment,
}: Found): Found {
  return { delimiter, quoting, skipSpace, hasHeader, firstLine, namesDelimiter, rowNames, comment };
}

/** Share of records that have to agree on their columns before a text file is taken for a table. */
const TABLE_AGREEMENT = 0.9;

/** Whether the records of a text agree on their columns, with any delimiter. */
export const agreesOnColumns = (sample: string, whole: boolean): boolean =>
  DELIMITERS.some((delimiter) => {
    if (!sample.includes(delimiter)) return false;
    const records = firstRecords(sample, { delimiter, quoting: 'quotes', skipSpace: false }, whole, 1);
    return records.length >= 2 && layoutOf(records).agreement >= TABLE_AGREEMENT;
  });

/** Other readings with the same delimiter, for when a long file turns out to lose lines. */
export function otherReadings(found: Found, wishes: ReadWishes): Found[] {
  if (wishes.quoting) return [];
  const all = [
    { quoting: 'quotes' as const, skipSpace: false },
    { quoting: 'quotes' as const, skipSpace: true },
    { quoting: 'backslash' as const, skipSpace: false },
    { quoting: 'none' as const, skipSpace: false },
  ];
  return all
    .filter(({ quoting, skipSpace }) => quoting !== found.quoting || skipSpace !== found.skipSpace)
    .map((other) => ({ ...found, ...other }));
}
