/** What a person has the rows teach, and the columns that such a reading begins with. */
import type { ColumnMapping, DatasetInfo } from './dataset';

export type Reading = 'labels' | 'answers' | 'preferences';
export const READINGS: readonly Reading[] = ['labels', 'answers', 'preferences'];

/** Columns by their place: the person sees them named in the choices and changes what is wrong. */
export function startingMapping(
  reading: Reading,
  { columns, mapping }: Pick<DatasetInfo, 'columns' | 'mapping'>,
): ColumnMapping {
  const { split } = mapping;
  const [first = '', second, third] = columns.filter((column) => column !== split);
  switch (reading) {
    case 'labels':
      return {
        task: 'single-label',
        text: first,
        textPair: null,
        labels: second === undefined ? [] : [second],
        labelLayout: 'column',
        split,
      };
    case 'answers':
      if (second === undefined) return { task: 'chat', layout: 'text', columns: { text: first }, split };
      return { task: 'chat', layout: 'prompt', columns: { prompt: first, answer: second }, split };
    case 'preferences':
      if (third === undefined)
        return {
          task: 'preference',
          layout: 'pair',
          columns: { chosen: first, ...(second === undefined ? {} : { rejected: second }) },
          split,
        };
      return {
        task: 'preference',
        layout: 'pair',
        columns: { prompt: first, chosen: second ?? '', rejected: third },
        split,
      };
  }
}
