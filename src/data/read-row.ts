/**
 * Reads the cells of a row as a mapping says: text, pair, labels or number, split; or the reason why it cannot be used.
 */
import { must } from '../base/assert';
import type { LanguageContent } from '../domain/conversation';
import { isLanguageMapping } from '../domain/dataset';
import type { ColumnMapping, LabelMapping, LanguageMapping } from '../domain/dataset';
import type { SplitName } from '../domain/task';
import { parseFlag, parseList, parseNumber, parseSplit } from './columns';
import { languageReader, textOf } from './read-language';
import type { RowTrouble } from './records';
import type { StoredRow } from './row-store';

/** A usable row. `labels` are names (one for single-label); `target` is NaN unless the task is regression. */
export interface ReadRow {
  text: string;
  pair: string | null;
  labels: readonly string[];
  target: number;
  split: SplitName | null;
  /** What a decoder learns from; null for labelled texts. */
  language: LanguageContent | null;
}

export type RowOutcome = { ok: true; row: ReadRow } | { ok: false; trouble: RowTrouble };

const unusable = (problem: RowTrouble['problem'], message: string): RowOutcome => ({
  ok: false,
  trouble: { problem, message },
});

/** Compiles a mapping into a function over stored rows; `decimalComma` lets `3,5` be a number. */
export function rowReader(
  mapping: ColumnMapping,
  columns: readonly string[],
  decimalComma: boolean,
): (stored: StoredRow) => RowOutcome {
  const split = mapping.split === null ? -1 : columns.indexOf(mapping.split);
  const read = isLanguageMapping(mapping)
    ? conversationReader(mapping, columns)
    : labelledReader(mapping, columns, decimalComma);
  return ({ cells, trouble }) => {
    if (trouble) return { ok: false, trouble };
    const outcome = read(cells);
    if (!outcome.ok || split < 0) return outcome;
    outcome.row.split = parseSplit(cells[split] ?? '');
    if (outcome.row.split !== null) return outcome;
    return unusable(
      'unknown-split',
      `"${cells[split] ?? ''}" in "${mapping.split}" names no split: train, validation or test is expected.`,
    );
  };
}

type CellsReader = (cells: readonly string[]) => RowOutcome;

function conversationReader(mapping: LanguageMapping, columns: readonly string[]): CellsReader {
  const read = languageReader(mapping, columns);
  return (cells) => {
    const outcome = read(cells);
    if (!outcome.ok) return outcome;
    return {
      ok: true,
      row: {
        text: textOf(outcome.content),
        pair: null,
        labels: [],
        target: NaN,
        split: null,
        language: outcome.content,
      },
    };
  };
}

function labelledReader(mapping: LabelMapping, columns: readonly string[], decimalComma: boolean): CellsReader {
  const at = (name: string | null): number => (name === null ? -1 : columns.indexOf(name));
  const text = at(mapping.text);
  const pair = at(mapping.textPair);
  const readLabels = labelReader(mapping, mapping.labels.map(at), decimalComma);
  return (cells) => {
    const row: ReadRow = {
      text: cells[text] ?? '',
      pair: pair < 0 ? null : (cells[pair] ?? ''),
      labels: [],
      target: NaN,
      split: null,
      language: null,
    };
    if (row.text.trim() === '') return unusable('empty-text', `The text in "${mapping.text}" is empty.`);
    if (row.pair?.trim() === '') return unusable('empty-pair', `The second text in "${mapping.textPair}" is empty.`);
    return readLabels(cells, row) ?? { ok: true, row };
  };
}

type LabelReader = (cells: readonly string[], row: ReadRow) => RowOutcome | null;

function labelReader(mapping: LabelMapping, indices: readonly number[], decimalComma: boolean): LabelReader {
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
