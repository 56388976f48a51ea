/** What is worth knowing of the columns that are read and of those that are not, and of how numbers are written. */
import { rowsOf } from '../../../data/health';
import type { HealthFacts, Table } from '../../../data/reading';
import type { Finding } from '../../../domain/dataset';
import { ID_NAME } from './columns-named';
import { MARKS } from './marks';
import { withRemedy } from './remedy';
import type { ClassifyMapping } from './schema';
import { inQuotes, listedColumns } from './words';

/** Columns that are not read, with the way to read them. */
export function columnFindings(mapping: ClassifyMapping, { columns }: Table): Finding[] {
  const { text, textPair, joined, labels, split } = mapping;
  const used = new Set([text, textPair, split, ...joined, ...labels]);
  const unused = columns.filter((name) => !used.has(name) && !ID_NAME.test(name.trim()));
  const found: Finding[] = [];
  if (joined.length > 0)
    found.push(
      withRemedy(
        mapping,
        `The text of a row is made of ${joined.length + 1} columns, a line “name: value” for each that is filled. ` +
          'The finished model expects the same lines.',
        `Read “${text}” alone`,
        { joined: [] },
      ),
    );
  if (unused.length > 0)
    found.push(
      withRemedy(
        mapping,
        `${unused.length === 1 ? 'One column is' : `${unused.length} columns are`} not read: ` +
          `${listedColumns(unused)}.`,
        'Join into the text',
        { joined: inOrder(columns, [...joined, ...unused]) },
      ),
    );
  return found;
}

const inOrder = (columns: readonly string[], some: readonly string[]): string[] =>
  columns.filter((name) => some.includes(name));

/** How numbers were read, where that can be doubted. */
export function numberFindings({ scan }: HealthFacts, mapping: ClassifyMapping): Finding[] {
  const { decimal, unit } = mapping;
  const found = otherUnits(scan.marks, mapping);
  if (decimal === null) return found;
  const bare = scan.marks.get(MARKS.bare);
  if (unit !== '')
    found.push({ text: `The numbers are taught without their “${unit}”${unit === '%' ? ': 10 % is 10' : ''}.` });
  if (scan.marks.has(MARKS.factor))
    found.push({ text: 'A “k” behind a number is read as thousand, an “M” as million.' });
  if (bare)
    found.push({
      text:
        `${rowsOf(bare.count)} ${bare.count === 1 ? 'has' : 'have'} a number without “${unit}”, such as ` +
        `${inQuotes(bare.example)}: it is read as if it had one.`,
    });
  const grouped = scan.marks.get(MARKS.grouped);
  const other = decimal === '.' ? ',' : '.';
  if (grouped && !scan.marks.has(MARKS.decimal))
    found.push(
      withRemedy(
        mapping,
        `Numbers such as ${inQuotes(grouped.example)} can be read in two ways, and no other number tells. Now ` +
          `“${decimal}” begins the decimals and “${other}” parts thousands.`,
        `Take “${other}” as the decimal mark`,
        { decimal: other },
      ),
    );
  else if (decimal === ',' && scan.marks.has(MARKS.decimal))
    found.push({ text: 'The numbers are written with a decimal comma, and read so.' });
  return found;
}

/** Numbers that were left out because they have another unit: the commonest can be expected instead. */
function otherUnits(marks: HealthFacts['scan']['marks'], mapping: ClassifyMapping): Finding[] {
  const [most] = [...marks].filter(([name]) => name.startsWith(MARKS.unit)).sort(([, a], [, b]) => b.count - a.count);
  if (!most) return [];
  const [name, { count, example }] = most;
  const unit = name.slice(MARKS.unit.length);
  return [
    withRemedy(
      mapping,
      `${rowsOf(count)} ${count === 1 ? 'is' : 'are'} left out because of the unit “${unit}”, as in ` +
        `${inQuotes(example)}.`,
      `Expect “${unit}”`,
      { unit, decimal: mapping.decimal ?? '.' },
    ),
  ];
}
