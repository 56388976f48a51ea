/** A few fixed rows whose predictions are shown while the model learns. */
import type { Example, LabelValue, TaskKind } from '../../../domain/task';
import type { WatchedPrediction } from '../shared/asked';
import { isRight, labelInWords, predictionInWords } from './words';

const WATCHED_ROWS = 6;

const groupOf = (label: LabelValue): string => (typeof label === 'number' ? String(label) : label.join(''));

/** Up to six rows that differ in their labels as far as possible, in the order of the rows. */
export function pickWatched(task: TaskKind, examples: readonly Example[]): Example[] {
  if (task === 'regression') {
    const sorted = examples.toSorted((a, b) => Number(a.label) - Number(b.label));
    const count = Math.min(WATCHED_ROWS, sorted.length);
    return Array.from(
      { length: count },
      (_, i) => sorted[Math.round((i * (sorted.length - 1)) / Math.max(1, count - 1))],
    ).filter((row) => row !== undefined);
  }
  const groups = new Map<string, Example[]>();
  for (const example of examples) {
    const group = groups.get(groupOf(example.label));
    if (group) group.push(example);
    else groups.set(groupOf(example.label), [example]);
  }
  const picked: Example[] = [];
  for (let round = 0; picked.length < Math.min(WATCHED_ROWS, examples.length); round++)
    for (const group of groups.values()) {
      const example = group[round];
      if (example && picked.length < WATCHED_ROWS) picked.push(example);
    }
  return picked;
}

/** What the model says about the watched rows now. */
export function watchedPredictions(
  task: TaskKind,
  labels: readonly string[],
  examples: readonly Example[],
  logits: readonly Float32Array[],
): WatchedPrediction[] {
  return examples.map((example, i) => {
    const row = logits[i] ?? new Float32Array();
    return {
      row: example.row,
      text: example.text,
      ...(example.textPair === undefined ? {} : { textPair: example.textPair }),
      expected: labelInWords(task, labels, example.label),
      ...predictionInWords(task, labels, row),
      correct: isRight(task, example.label, row),
    };
  });
}
