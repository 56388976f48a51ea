/** Reads a row's cells as text, pair and labels or a number, or says why it cannot be used. */
import { must } from '../../../base/assert';
import { TabtuneError } from '../../../base/errors';
import { parseFlag, parseList, parseNumber, tableOf } from '../../../data/columns';
import type { MappingReading, ReadRow, RowOutcome, Table } from '../../../data/reading';
import type { DatasetInfo } from '../../../domain/dataset';
import type { Example, TaskKind } from '../../../domain/task';
import { health } from './health';
import type { ClassifyMapping, LabelLayout } from './schema';
import { inWords } from './words';
import type { ClassifyProblem } from './words';

/** A usable row. `labels` are names (one for single-label); `target` is NaN unless the task is regression. */
interface LabelledRow {
  text: string;
  pair: string | null;
  labels: readonly string[];
  target: number;
}

type Refusal = Extract<RowOutcome, { ok: false }>;
type Outcome = { ok: true; row: LabelledRow } | Refusal;

const unusable = (problem: ClassifyProblem, message: string): Refusal => ({ ok: false, trouble: { problem, message } });

/** Compiles a mapping into a function over the cells of a row. */
function rowReader(mapping: ClassifyMapping, { columns, decimalComma }: Table): (cells: readonly string[]) => Outcome {
  const at = (name: string | null): number => (name === null ? -1 : columns.indexOf(name));
  const text = at(mapping.text);
  const pair = at(mapping.textPair);
  const readLabels = labelReader(mapping, mapping.labels.map(at), decimalComma);
  return (cells) => {
    const row: LabelledRow = {
      text: cells[text] ?? '',
      pair: pair < 0 ? null : (cells[pair] ?? ''),
      labels: [],
      target: NaN,
    };
    if (row.text.trim() === '') return unusable('empty-text', `The text in "${mapping.text}" is empty.`);
    if (row.pair?.trim() === '') return unusable('empty-pair', `The second text in "${mapping.textPair}" is empty.`);
    return readLabels(cells, row) ?? { ok: true, row };
  };
}

/** Writes labels or number into the row, or says what is wrong with them. */
type LabelReader = (cells: readonly string[], row: LabelledRow) => Refusal | null;

function labelReader(mapping: ClassifyMapping, indices: readonly number[], decimalComma: boolean): LabelReader {
  const [column] = indices;
  if (column === undefined) return () => unusable('missing-label', 'No column is chosen as the label.');
  if (mapping.labelLayout === 'one-hot') return oneHotReader(mapping.labels, indices);
  const name = must(mapping.labels[0]);
  return (cells, row) => {
    const cell = (cells[column] ?? '').trim();
    if (cell === '')
      return unusable(
        'missing-label',
        `"${name}" is empty.${mapping.labelLayout === 'list' ? ' A row without any label is written as [].' : ''}`,
      );
    if (mapping.task === 'regression') {
      row.target = parseNumber(cell, decimalComma);
      return Number.isFinite(row.target)
        ? null
        : unusable('bad-label', `"${shorten(cell)}" in "${name}" is not a number.`);
    }
    const labels = mapping.labelLayout === 'list' ? parseList(cell) : [cell];
    if (!labels)
      return unusable(
        'bad-label',
        `"${shorten(cell)}" in "${name}" is not a list of labels such as ["a", "b"] or a|b.`,
      );
    row.labels = labels;
    return null;
  };
}

function oneHotReader(names: readonly string[], indices: readonly number[]): LabelReader {
  return (cells, row) => {
    const labels: string[] = [];
    for (let i = 0; i < names.length; i++) {
      const cell = cells[must(indices[i])] ?? '';
      const flag = parseFlag(cell);
      if (flag === null)
        return cell.trim() === ''
          ? unusable('missing-label', `"${names[i]}" is empty where 0 or 1 is expected.`)
          : unusable('bad-label', `"${shorten(cell)}" in "${names[i]}" is neither 0 nor 1.`);
      if (flag) labels.push(must(names[i]));
    }
    row.labels = labels;
    return null;
  };
}

function shorten(cell: string): string {
  return cell.length > 60 ? `${cell.slice(0, 60)}…` : cell;
}

/** Rows are repeats when text, pair and label or number are the same. */
function seen({ text, pair, labels, target }: LabelledRow): ReadRow {
  return {
    texts: pair === null ? [text] : [text, pair],
    repeat: {
      text: pair === null ? text : JSON.stringify([text, pair]),
      label: Number.isNaN(target) ? JSON.stringify([...labels].sort()) : String(target),
    },
    labels,
    target,
  };
}

const LAYOUTS: Record<TaskKind, readonly LabelLayout[]> = {
  'single-label': ['column'],
  'multi-label': ['list', 'one-hot', 'column'],
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

/** How the rows of a table are read. Throws `bad-config` when the labels' layout does not fit the task. */
export function reading(mapping: ClassifyMapping, table: Table): MappingReading {
  checkLabels(mapping);
  const texts = [mapping.text, ...(mapping.textPair === null ? [] : [mapping.textPair])];
  const read = rowReader(mapping, table);
  return {
    columns: [...texts, ...mapping.labels],
    textColumns: texts,
    inWords: inWords(mapping),
    classes: {
      several: mapping.task === 'multi-label',
      known: mapping.labelLayout === 'one-hot' ? mapping.labels : [],
    },
    numbers: mapping.task === 'regression',
    read(cells) {
      const outcome = read(cells);
      return outcome.ok ? { ok: true, row: seen(outcome.row) } : outcome;
    },
    health: (facts) => health(facts, mapping),
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
