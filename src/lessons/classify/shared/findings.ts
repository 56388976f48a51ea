/** What is worth knowing of the label cells, each with what can be done about it. */
import { maybeMissing } from '../../../data/no-label';
import { rowsOf } from '../../../data/health';
import { findNumberFormat, readNumber } from '../../../data/number-cell';
import type { HealthFacts, Table } from '../../../data/reading';
import type { Finding, LabelCount } from '../../../domain/dataset';
import { answer } from '../../answer/shared';
import { guessCells } from './label-guess';
import { MARKS } from './marks';
import { withRemedy } from './remedy';
import type { ClassifyMapping } from './schema';
import { findSeparator } from './separators';
import { countsAs, merging, variants } from './variants';
import { inQuotes, separatorInWords } from './words';

/** More are not listed. */
const MOST_LISTED = 4;
/** More different cells than this are looked at no further. */
const MOST_CELLS = 5000;
/** Names of columns that hold grades rather than the numbers of classes. */
const GRADE_NAME = /^(rating|ratings|stars?|score|scores|grade|level|quality|severity|priority|likert|intensity)$/i;

/** Of labels, not of numbers. */
export function labelFindings(facts: HealthFacts, mapping: ClassifyMapping, table: Table): Finding[] {
  const { labels } = facts;
  return [
    ...noLabelFindings(facts, mapping),
    ...layoutFindings(facts, mapping, table),
    ...noneFindings(facts, mapping),
    ...variantFindings(labels, mapping),
    ...orElse(orderFindings(labels, mapping), () => sentenceFindings(facts, mapping)),
  ];
}

const orElse = (found: Finding[], other: () => Finding[]): Finding[] => (found.length > 0 ? found : other());

/** Words for "no label": what was left out for them, and labels that may be such words. Of numbers too. */
export function noLabelFindings({ scan, labels }: HealthFacts, mapping: ClassifyMapping): Finding[] {
  const taken = [...scan.marks].flatMap(([name, { count }]) =>
    name.startsWith(MARKS.noLabel) ? [{ name: name.slice(MARKS.noLabel.length), count }] : [],
  );
  const found: Finding[] = [];
  if (taken.length > 0)
    found.push(
      withRemedy(
        mapping,
        `${rowsOf(sum(taken))} ${taken.reduce((all, { count }) => all + count, 0) === 1 ? 'says' : 'say'} ` +
          `${listed(taken)} where the label should be: taken as having no label, and left out.`,
        mapping.task === 'regression' ? 'Do not take these words so' : 'Keep them as labels',
        { noLabel: mapping.noLabel.filter((word) => !taken.some(({ name }) => name === word)) },
      ),
    );
  const maybe = labels.filter(({ name, count }) => count > 0 && maybeMissing(name));
  const minus = labels.find(({ name }) => /^-1(\.0*)?$/.test(name));
  const rest = labels.filter((label) => label !== minus && !maybe.includes(label));
  if (minus && rest.length > 1 && rest.every(({ name }) => /^\d+(\.0*)?$/.test(name))) maybe.push(minus);
  if (maybe.length > 0 && mapping.labelLayout !== 'one-hot')
    found.push(
      withRemedy(
        mapping,
        `${listed(maybe)} may mean that there is no label. Now ${maybe.length === 1 ? 'it is' : 'they are'} learned ` +
          'like any other label.',
        'Leave these rows out',
        { noLabel: [...mapping.noLabel, ...maybe.map(({ name }) => name)] },
      ),
    );
  return found;
}

/** How many labels a cell holds, and how it was taken apart. */
function layoutFindings({ labels, scan }: HealthFacts, mapping: ClassifyMapping, table: Table): Finding[] {
  const { task, labelLayout, separator, names } = mapping;
  const column = mapping.labels[0] ?? '';
  const several = scan.marks.get(MARKS.several);
  const single = task === 'single-label';
  switch (labelLayout) {
    case 'column':
      return single ? cellFindings(labels, mapping, table) : [];
    case 'vector':
      return [
        withRemedy(
          mapping,
          `\`${column}\` holds 0 or 1 for each of ${names.length} labels` +
            `${single ? ', exactly one of them 1' : ''}. They can be named under “How it is read”.`,
          single ? 'Expect several labels' : 'Take each cell as one label',
          single ? { task: 'multi-label' } : { task: 'single-label', labelLayout: 'column', names: [] },
        ),
      ];
    case 'list': {
      if (single)
        return [
          withRemedy(
            mapping,
            names.length > 0
              ? `\`${column}\` holds scores by label, of which one is 0.5 or more.`
              : `\`${column}\` holds lists of one label each.`,
            'Expect several labels',
            { task: 'multi-label' },
          ),
        ];
      const scores = names.length > 0 ? [{ text: 'Of scores by label, those of 0.5 and more count.' }] : [];
      if (!several) return scores;
      return [
        ...scores,
        withRemedy(
          mapping,
          `Cells such as ${inQuotes(several.example)} are taken apart at ${separatorInWords(separator)}: ` +
            `${rowsOf(several.count)} with several labels.`,
          'Keep cells whole',
          { task: 'single-label', labelLayout: 'column' },
        ),
      ];
    }
    case 'one-hot':
      return [];
  }
}

/** Rows without any of several labels: those that say so, and those that are left out for it. */
function noneFindings({ scan }: HealthFacts, mapping: ClassifyMapping): Finding[] {
  if (mapping.task !== 'multi-label') return [];
  const none = scan.marks.get(MARKS.none)?.count ?? 0;
  const empty = scan.marks.get(MARKS.empty)?.count ?? 0;
  const found: Finding[] = [];
  const text = `${rowsOf(none)} ${none === 1 ? 'carries' : 'carry'} no label: they teach that none applies.`;
  if (none > 0 && mapping.emptyIsNone)
    found.push(withRemedy(mapping, text, 'Leave empty ones out', { emptyIsNone: false }));
  else if (none > 0) found.push({ text });
  if (empty > 0)
    found.push(
      withRemedy(
        mapping,
        `${rowsOf(empty)} ${empty === 1 ? 'is' : 'are'} left out because \`${mapping.labels[0] ?? ''}\` is empty ` +
          'there. It may mean that no label applies.',
        'Teach that none applies',
        { emptyIsNone: true },
      ),
    );
  return found;
}

/** Cells that are learned as they stand, and may be more than a label. */
function cellFindings(labels: readonly LabelCount[], mapping: ClassifyMapping, { decimalComma }: Table): Finding[] {
  const cells = labels.map(({ name }) => name);
  if (cells.length > MOST_CELLS) return [];
  const whole = 'Now each different cell is a label of its own.';
  const found = guessCells(mapping.labels[0] ?? '', cells, decimalComma);
  const separator = found.separator ?? findSeparator(cells)?.separator;
  if (found.labelLayout === 'vector')
    return [
      withRemedy(mapping, `The labels look like 0 or 1 for each of several labels. ${whole}`, 'Read them so', found),
    ];
  if (found.separator === '')
    return [withRemedy(mapping, `The labels look like lists or scores of labels. ${whole}`, 'Read them so', found)];
  if (found.task === 'regression')
    return [withRemedy(mapping, `The labels look like numbers. ${whole}`, 'Teach them as numbers', found)];
  if (separator === undefined) return [];
  return [
    withRemedy(
      mapping,
      `The labels look like several in one cell, parted by ${separatorInWords(separator)}. ${whole}`,
      'Take them apart',
      { task: 'multi-label', labelLayout: 'list', separator },
    ),
  ];
}

/** One label in several spellings. */
function variantFindings(labels: readonly LabelCount[], mapping: ClassifyMapping): Finding[] {
  if (mapping.labelLayout === 'one-hot') return [];
  const counts = new Map(labels.map(({ name, count }) => [name, count]));
  const groups = variants(counts);
  const found: Finding[] = [];
  if (groups.length > 0) {
    const shown = groups
      .slice(0, MOST_LISTED)
      .map((group) => listed(group.map((name) => ({ name, count: counts.get(name) ?? 0 }))))
      .join('; ');
    found.push(
      withRemedy(
        mapping,
        `Labels that differ only in how they are written: ${shown}${more(groups.length)}. Each is learned as a ` +
          'label of its own.',
        'Merge them',
        { merged: chained(mapping.merged, merging(groups)) },
      ),
    );
  }
  const merged = Object.entries(mapping.merged);
  if (merged.length > 0)
    found.push(
      withRemedy(
        mapping,
        `Written differently, but counted as one label: ${merged
          .slice(0, MOST_LISTED)
          .map(([from, to]) => `${inQuotes(from)} as ${inQuotes(to)}`)
          .join(', ')}${more(merged.length)}.`,
        'Keep them apart',
        { merged: {} },
      ),
    );
  return found;
}

/** A second merging on top of a first. */
function chained(first: Record<string, string>, then: Record<string, string>): Record<string, string> {
  const as = countsAs(then);
  return { ...Object.fromEntries(Object.entries(first).map(([from, to]) => [from, as(to)])), ...then };
}

/** 1 to 5 is a scale: as labels, each mistake is as wrong as any other. */
function orderFindings(labels: readonly LabelCount[], mapping: ClassifyMapping): Finding[] {
  if (mapping.task !== 'single-label' || mapping.labelLayout !== 'column') return [];
  const names = labels.filter(({ count }) => count > 0).map(({ name }) => name);
  if (names.length < 3 || names.length > 20) return [];
  const { decimal, unit } = findNumberFormat(names, '.');
  const numbers = names.map((name) => readNumber(name, { decimal, unit })).sort((a, b) => a - b);
  const [least = NaN] = numbers;
  if (!numbers.every((number, i) => number === least + i)) return [];
  if (least !== 1 && !GRADE_NAME.test(mapping.labels[0] ?? '')) return [];
  return [
    withRemedy(
      mapping,
      `The labels ${least} to ${least + numbers.length - 1} may be grades in an order. As labels, ` +
        'a neighbour is as wrong as the other end.',
      'Teach as a number',
      { task: 'regression', decimal, unit, merged: {} },
    ),
  ];
}

/** Several wordings of a question for one answer look like texts and their labels. */
function sentenceFindings({ labels, scan }: HealthFacts, mapping: ClassifyMapping): Finding[] {
  if (mapping.task !== 'single-label' || mapping.labelLayout !== 'column' || mapping.joined.length > 0) return [];
  const names = labels.map(({ name }) => name);
  const words = names.reduce((all, name) => all + name.split(/\s+/).length, 0) / Math.max(1, names.length);
  const [label = ''] = mapping.labels;
  if (names.length < 3 || words < 5 || mapping.textPair !== null) return [];
  return [
    {
      text:
        `\`${label}\` holds ${names.length.toLocaleString('en')} sentences for ${rowsOf(scan.usable)}: they may be ` +
        'answers to be written rather than labels to choose from.',
      action: { label: 'Teach the answers', mapping: answer.start([mapping.text, label], mapping.split) },
    },
  ];
}

const sum = (counted: readonly { count: number }[]): number => counted.reduce((all, { count }) => all + count, 0);

/** `"food" ×40, "Food" ×3`. */
function listed(counted: readonly { name: string; count: number }[]): string {
  const shown = counted.slice(0, 6).map(({ name, count }) => `${inQuotes(name)} ×${count.toLocaleString('en')}`);
  return `${shown.join(', ')}${counted.length > 6 ? ` and ${counted.length - 6} more` : ''}`;
}

const more = (count: number): string => (count > MOST_LISTED ? `, and ${count - MOST_LISTED} more` : '');
