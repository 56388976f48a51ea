/** A mapping with another task or another label, as a person chooses it. */
import { findNumberFormat } from '../../../data/number-cell';
import type { DatasetInfo } from '../../../domain/dataset';
import type { TaskKind } from '../../../domain/task';
import { UNKNOWN } from './label-guess';
import type { ClassifyMapping } from './schema';
import { findSeparator } from './separators';

/** Its labels fit the layout that the task needs, and are read by what they look like. */
export function withTask(mapping: ClassifyMapping, task: TaskKind, info: DatasetInfo): ClassifyMapping {
  const { columns, source } = info;
  const label = mapping.labels[0] ?? columns.find((column) => column !== mapping.text) ?? mapping.text;
  const seen = info.labels.map(({ name }) => name);
  if (task === 'regression') {
    const { decimal, unit } = findNumberFormat(seen, source.decimalComma ? ',' : '.');
    return { ...mapping, task, labelLayout: 'column', labels: [label], decimal, unit, merged: {} };
  }
  if (mapping.labelLayout === 'vector' || (mapping.labelLayout === 'list' && mapping.labels.length === 1))
    return { ...mapping, task };
  if (task === 'single-label') return { ...mapping, task, labelLayout: 'column', labels: [label] };
  const separator = mapping.task === 'single-label' ? (findSeparator(seen)?.separator ?? null) : mapping.separator;
  return { ...mapping, task, labelLayout: mapping.labels.length > 1 ? 'one-hot' : 'list', separator };
}

/** Nothing is known of the cells of another column but what is learned of them; health says what they look like. */
export function withLabel(mapping: ClassifyMapping, label: string): ClassifyMapping {
  const { task, joined } = mapping;
  return {
    ...mapping,
    ...UNKNOWN,
    task,
    labelLayout: task === 'multi-label' ? 'list' : 'column',
    labels: [label],
    joined: joined.filter((column) => column !== label),
  };
}
