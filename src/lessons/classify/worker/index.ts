/** Teaches labels and numbers: an encoder with a head. */
import { TabtuneError } from '../../../base/errors';
import { estimateMemory } from '../../../engine/estimate';
import { overSample } from '../../../worker/data/sample';
import type { LessonWorker } from '../../../worker/lesson';
import type { TokenLengths } from '../../../worker/link/protocol';
import type { Call } from '../../../worker/session';
import { exampleReader, exampleSchema, mappingSchema } from '../shared';
import { openLabels } from './open';
import { targetScale } from './targets';
import { TaughtLabels } from './taught';
import { labelConfig } from './start';

/** Tokens of a row that are shown where no settings say how many. */
const SHOWN_TOKENS = 128;

export const worker: LessonWorker = {
  lengthSettings: (config) => ({ maxLength: labelConfig(config).maxLength }),
  lengths: (call, { maxLength }) => encodedLengths(call, maxLength),
  rowSeen({ session }, row, config) {
    const dataset = session.requireDataset();
    const { tokenizer } = session.requireModel();
    const cells = dataset.cells(row);
    const example = cells && exampleReader(mappingSchema.parse(dataset.info.mapping), dataset.info)(row, cells);
    if (!example)
      throw new TabtuneError('bad-data', 'This row is left out, so the model never sees it.', { place: { row } });
    return tokenizer.tokens(example.text, example.textPair ?? null, config?.maxLength ?? SHOWN_TOKENS);
  },
  estimate({ session }, config, longest) {
    const { labels, splitRows } = session.requireDataset().info;
    return estimateMemory(
      session.requireModel().checkpoint.config,
      labelConfig(config),
      { longest },
      splitRows.train,
      Math.max(1, labels.length),
    );
  },
  workload: () => '',
  targetScale,
  open: openLabels,
  reopen: (run) => new TaughtLabels({ ...run, replay: run.replay.map((row) => exampleSchema.parse(row)) }),
};

async function encodedLengths(call: Call, maxLength: number): Promise<TokenLengths> {
  const { info } = call.session.requireDataset();
  const { tokenizer } = call.session.requireModel();
  const read = exampleReader(mappingSchema.parse(info.mapping), info);
  const found = { overLong: 0, maxLength, longest: 0, total: 0, counted: 0 };
  await overSample(call, (row, cells) => {
    const example = read(row, cells);
    if (!example) return;
    const length = tokenizer.encode(example.text, example.textPair ?? null, Number.MAX_SAFE_INTEGER).ids.length;
    found.counted++;
    found.total += length;
    found.longest = Math.max(found.longest, length);
    if (length > maxLength) found.overLong++;
  });
  const { total, ...rest } = found;
  return { ...rest, mean: found.counted ? total / found.counted : 0, notes: [], refusal: null };
}
