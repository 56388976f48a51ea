/** Reads a row's cells as text, pair and labels or a number, or says why it cannot be used. */
import { must } from '../../../base/assert';
import { TabtuneError } from '../../../base/errors';
import { parseFlag, parseList, parseNumber, parseVector, tableOf } from '../../../data/columns';
import { parseListCell } from '../../../data/list-cell';
import { decimalIn, hasFactor, readNumber, unitOf } from '../../../data/number-cell';
import type { Mark, MappingReading, ReadRow, RowOutcome, Table } from '../../../data/reading';
import type { DatasetInfo } from '../../../domain/dataset';
import type { Example, TaskKind } from '../../../domain/task';
import { health } from './health';
import { joinedText } from './join';
import { isTagged } from './tagged';
import { MARKS } from './marks';
import type { ClassifyMapping, LabelLayout } from './schema';
import { countsAs } from './variants';
import { inWords } from './words';
import type { ClassifyProblem } from './words';

/** A usable row. `labels` are names (one for single-label); `target` is NaN unless the task is regression. */
interface LabelledRow {
  text: string;
  pair: string | null;
  labels: readonly string[];
  target: number;
  marks: Mark[];
}

type Refusal = Extract<RowOutcome, { ok: false }>;
type Outcome = { ok: true; row: LabelledRow } | Refusal;

const unusable = (problem: ClassifyProblem, message: string): Refusal => ({ ok: false, trouble: { problem, message } });

/** Compiles a mapping into a function over the cells of a row. */
function rowReader(mapping: ClassifyMapping, { columns, decimalComma }: Table): (cells: readonly string[]) => Outcome {
  const at = (name: string | null): number => (name === null ? -1 : columns.indexOf(name));
  const text = at(mapping.text);
  const pair = at(mapping.textPair);
  const joined = mapping.joined.map(at);
  const readLabels = labelReader(mapping, mapping.labels.map(at), decimalComma);
  return (cells) => {
    const row: LabelledRow = {
      text: joined.length > 0 ? joinedText(columns, [text, ...joined], cells) : (cells[text] ?? ''),
      pair: pair < 0 ? null : (cells[pair] ?? ''),
      labels: [],
      target: NaN,
      marks: [],
    };
    if (row.text.trim() === '')
      return unusable(
        'empty-text',
        joined.length > 0 ? 'All columns of the text are empty.' : `The text in "${mapping.text}" is empty.`,
      );
    if (row.pair?.trim() === '') return unusable('empty-pair', `The second text in "${mapping.textPair}" is empty.`);
    return readLabels(cells, row) ?? { ok: true, row };
  };
}

/** Writes labels or number into the row, or says what is wrong with them. */
type LabelReader = (cells: readonly string[], row: LabelledRow) => Refusal | null;

function labelReader(mapping: ClassifyMapping, indices: readonly number[], decimalComma: boolean): LabelReader {
  const [column] = indices;
  if (column === undefined)
    return (_, { text }) => ({
      ...unusable('missing-label', 'No column is chosen as the label.'),
      marks: isTagged(text) ? [{ name: MARKS.tags, example: text.slice(0, 200) }] : [],
    });
  if (mapping.labelLayout === 'one-hot') return oneHotReader(mapping, indices);
  const name = must(mapping.labels[0]);
  const noLabel = new Set(mapping.noLabel);
  const emptyIsNone = mapping.emptyIsNone && mapping.task === 'multi-label';
  const read = mapping.task === 'regression' ? numberReader(mapping, decimalComma) : namesReader(mapping);
  return (cells, row) => {
    const cell = (cells[column] ?? '').trim();
    if (emptyIsNone && (cell === '' || noLabel.has(cell))) {
      row.marks.push({ name: MARKS.none, example: cell });
      return null;
    }
    if (cell === '')
      return {
        ...unusable(
          'missing-label',
          `"${name}" is empty.${mapping.labelLayout === 'list' ? ' A row without any label is written as [].' : ''}`,
        ),
        marks: [{ name: MARKS.empty, example: '' }],
      };
    if (noLabel.has(cell))
      return {
        ...unusable('missing-label', `"${cell}" in "${name}" means that there is no label.`),
        marks: [{ name: `${MARKS.noLabel}${cell}`, example: cell }],
      };
    return read(cell, row);
  };
}

function numberReader({ labels, decimal, unit }: ClassifyMapping, decimalComma: boolean) {
  return (cell: string, row: LabelledRow): Refusal | null => {
    row.target = decimal === null ? parseNumber(cell, decimalComma) : readNumber(cell, { decimal, unit });
    if (!Number.isFinite(row.target)) {
      const own = unitOf(cell);
      const marks = own === null || own === '' || own === unit ? [] : [{ name: `${MARKS.unit}${own}`, example: cell }];
      return { ...unusable('bad-label', notANumber(cell, must(labels[0]), decimal, unit)), marks };
    }
    if (decimal === null) return null;
    const mark = decimalIn(cell);
    if (mark !== null) row.marks.push({ name: mark === 'grouped' ? MARKS.grouped : MARKS.decimal, example: cell });
    if (hasFactor(cell)) row.marks.push({ name: MARKS.factor, example: cell });
    if (unit !== '' && unitOf(cell) === '') row.marks.push({ name: MARKS.bare, example: cell });
    return null;
  };
}

function notANumber(cell: string, column: string, decimal: '.' | ',' | null, unit: string): string {
  const own = unitOf(cell);
  const shown = `"${shorten(cell)}" in "${column}"`;
  if (own === null) return `${shown} is not a number.`;
  if (own !== '' && own !== unit)
    return `${shown} has another unit than ${unit === '' ? 'most numbers' : `"${unit}"`}.`;
  return `${shown} is not a number with "${decimal}" as its decimal mark.`;
}

/** Of labels: one cell's names, under those that they count under. */
function namesReader(mapping: ClassifyMapping) {
  const { task, labelLayout, separator } = mapping;
  const column = must(mapping.labels[0]);
  const as = countsAs(mapping.merged);
  return (cell: string, row: LabelledRow): Refusal | null => {
    const names =
      labelLayout === 'vector'
        ? vectorNames(cell, mapping.names)
        : labelLayout === 'list'
          ? parseList(cell, separator)
          : [cell];
    if (!names)
      return unusable(
        'bad-label',
        labelLayout === 'vector'
          ? `"${shorten(cell)}" in "${column}" is not ${mapping.names.length} times 0 or 1.`
          : `"${shorten(cell)}" in "${column}" is not a list of labels such as ["a", "b"] or a|b.`,
      );
    row.labels = [...new Set(names.map(as))];
    if (labelLayout === 'list' && areTags(row.text, cell)) row.marks.push({ name: MARKS.tags, example: cell });
    if (names.length > 1 && !/^[[{(]/.test(cell)) row.marks.push({ name: MARKS.several, example: cell });
    if (task === 'multi-label' && names.length === 0) row.marks.push({ name: MARKS.none, example: cell });
    if (task !== 'single-label' || row.labels.length === 1) return null;
    const many = row.labels.length;
    return unusable(
      many === 0 ? 'missing-label' : 'bad-label',
      `"${shorten(cell)}" in "${column}" names ${many === 0 ? 'no label' : `${many} labels where one is expected`}.`,
    );
  };
}

/** A list of words and a list of as many tags. */
function areTags(text: string, cell: string): boolean {
  const words = text.startsWith('[') && cell.startsWith('[') ? parseListCell(text) : null;
  const tags = words && parseListCell(cell);
  return !!words && !!tags && tags.items.length > 1 && words.items.length === tags.items.length;
}

function vectorNames(cell: string, names: readonly string[]): string[] | null {
  const flags = parseVector(cell);
  return flags?.length === names.length ? names.filter((_, place) => flags[place]) : null;
}

function oneHotReader({ labels: names, noLabel }: ClassifyMapping, indices: readonly number[]): LabelReader {
  return (cells, row) => {
    const labels: string[] = [];
    for (let i = 0; i < names.length; i++) {
      const cell = cells[must(indices[i])] ?? '';
      const flag = parseFlag(cell);
      if (flag === null)
        return cell.trim() === '' || noLabel.includes(cell.trim())
          ? unusable('missing-label', `"${names[i]}" has nothing where 0 or 1 is expected.`)
          : unusable('bad-label', `"${shorten(cell)}" in "${names[i]}" is neither 0 nor 1.`);
      if (flag) labels.push(must(names[i]));
    }
    row.labels = labels;
    if (labels.length === 0) row.marks.push({ name: MARKS.none, example: '' });
    return null;
  };
}

function shorten(cell: string): string {
  return cell.length > 60 ? `${cell.slice(0, 60)}…` : cell;
}

/** Rows are repeats when text, pair and label or number are the same. */
function seen({ text, pair, labels, target, marks }: LabelledRow): ReadRow {
  return {
    texts: pair === null ? [text] : [text, pair],
    repeat: {
      text: pair === null ? text : JSON.stringify([text, pair]),
      label: Number.isNaN(target) ? JSON.stringify([...labels].sort()) : String(target),
    },
    labels,
    target,
    marks,
  };
}

const LAYOUTS: Record<TaskKind, readonly LabelLayout[]> = {
  'single-label': ['column', 'list', 'vector'],
  'multi-label': ['list', 'vector', 'one-hot', 'column'],
  regression: ['column'],
};

function checkLabels({ task, labels, labelLayout }: ClassifyMapping): void {
  if (!LAYOUTS[task].includes(labelLayout))
    throw new TabtuneError('bad-config', `Labels laid out as "${labelLayout}" do not fit the task "${task}".`, {
      fix: `Choose one of: ${LAYOUTS[task].join(', ')}.`,
    });
  if (labels.length > 1 && labelLayout !== 'one-hot')
    throw new TabtuneError('bad-config', 'Several label columns need the one-hot layout.', {
      fix: 'Choose one label column, or 0/1 columns.',
    });
}

/** Labels that are there even when no row has them. */
function knownLabels({ labels, labelLayout, names, merged }: ClassifyMapping): string[] {
  if (labelLayout === 'one-hot') return labels;
  return labelLayout === 'column' ? [] : [...new Set(names.map(countsAs(merged)))];
}

/** How the rows of a table are read. Throws `bad-config` when the labels' layout does not fit the task. */
export function reading(mapping: ClassifyMapping, table: Table): MappingReading {
  checkLabels(mapping);
  const texts = [mapping.text, ...mapping.joined, ...(mapping.textPair === null ? [] : [mapping.textPair])];
  const read = rowReader(mapping, table);
  return {
    columns: [...texts, ...mapping.labels],
    textColumns: texts,
    inWords: inWords(mapping),
    classes: { several: mapping.task === 'multi-label', known: knownLabels(mapping) },
    numbers: mapping.task === 'regression',
    read(cells) {
      const outcome = read(cells);
      return outcome.ok ? { ok: true, row: seen(outcome.row) } : outcome;
    },
    health: (facts) => health(facts, mapping, table),
  };
}

/** What a row of the data set teaches, or null when it cannot be used. `row` counts data rows from 1. */
export type ExampleReader = (row: number, cells: readonly string[]) => Example | null;

/** Reads rows of a data set as examples; labels are the places of their names in `info.labels`. */
export function exampleReader(
  mapping: ClassifyMapping,
  info: Pick<DatasetInfo, 'columns' | 'source' | 'labels'>,
): ExampleReader {
  const read = rowReader(mapping, tableOf(info));
  const classOf = new Map(info.labels.map(({ name }, index) => [name, index]));
  return (row, cells) => {
    const outcome = read(cells);
    if (!outcome.ok) return null;
    const { text, pair, labels, target } = outcome.row;
    const indices = labels.map((name) => classOf.get(name)).filter((index) => index !== undefined);
    const example = { row, text, ...(pair === null ? {} : { textPair: pair }) };
    if (mapping.task === 'regression') return { ...example, label: target };
    if (mapping.task === 'single-label') return indices[0] === undefined ? null : { ...example, label: indices[0] };
    const label = new Array<number>(classOf.size).fill(0);
    for (const index of indices) label[index] = 1;
    return { ...example, label };
  };
}
