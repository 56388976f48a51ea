/** Turns a data set's rows into token ids, split by split, giving way to messages and reporting progress. */
import type { Dataset } from '../../../data/dataset';
import type { Example, LabelValue } from '../../../domain/task';
import { SPLITS } from '../../../domain/task';
import type { EncodedExample } from '../../../engine/types';
import type { TextTokenizer } from '../../../text/tokenizer';
import { exampleReader } from '../shared';
import type { ClassifyMapping } from '../shared';
import { Slices } from '../../../worker/link/server';

/** Everything a run needs of its data, so that later changes of the data set do not touch it. */
export interface RunData {
  train: EncodedExample[];
  validation: EncodedExample[];
  test: EncodedExample[];
  testRows: Example[];
  /** A few rows with their texts for each purpose: shown while training, replayed after an export. */
  watchable: Example[];
  replay: Example[];
}

/** Rows whose texts are kept to choose the watched ones from. */
const WATCHABLE = 400;
/** Rows that an export is replayed on. */
export const REPLAY_ROWS = 64;

export function encodeExample(tokenizer: TextTokenizer, example: Example, maxLength: number): EncodedExample {
  const { ids, typeIds } = tokenizer.encode(example.text, example.textPair ?? null, maxLength);
  return { row: example.row, ids, typeIds: tokenizer.usesTypeIds ? typeIds : null, label: example.label };
}

/** Where rows are read from, and how. */
export interface RowReading {
  dataset: Dataset;
  mapping: ClassifyMapping;
  tokenizer: TextTokenizer;
  maxLength: number;
  signal: AbortSignal;
  onProgress: (done: number, total: number) => void;
}

/** Reads and tokenizes all three splits. Throws `cancelled`. */
export async function encodeRows({
  dataset,
  mapping,
  tokenizer,
  maxLength,
  signal,
  onProgress,
}: RowReading): Promise<RunData> {
  const encoded: Record<(typeof SPLITS)[number], EncodedExample[]> = { train: [], validation: [], test: [] };
  const first: Record<(typeof SPLITS)[number], Example[]> = { train: [], validation: [], test: [] };
  const total = SPLITS.reduce((sum, split) => sum + dataset.info.splitRows[split], 0);
  const read = exampleReader(mapping, dataset.info);
  let done = 0;
  const slices = new Slices(signal);
  for (const split of SPLITS) {
    for (const [row, cells] of dataset.cellsOf(split)) {
      const example = read(row, cells);
      if (!example) continue;
      encoded[split].push(encodeExample(tokenizer, example, maxLength));
      if (split === 'test' || first[split].length < WATCHABLE) first[split].push(example);
      done++;
      if (!slices.over) continue;
      onProgress(done, total);
      await slices.rest();
    }
  }
  onProgress(done, total);
  const replay =
    SPLITS.toReversed()
      .map((split) => first[split])
      .find((rows) => rows.length > 0) ?? [];
  return {
    ...encoded,
    testRows: first.test,
    watchable: first.validation.length > 0 ? first.validation : first.train,
    replay: replay.slice(0, REPLAY_ROWS),
  };
}

export const labelsOf = (examples: readonly EncodedExample[]): LabelValue[] => examples.map((example) => example.label);

/** What Evaluate needs once training is over: the test rows, and the training labels for the baseline. */
export interface HeldOut {
  test: EncodedExample[];
  testRows: Example[];
  trainLabels: LabelValue[];
}

export const heldOutOf = (data: RunData): HeldOut => ({
  test: data.test,
  testRows: data.testRows,
  trainLabels: labelsOf(data.train),
});
