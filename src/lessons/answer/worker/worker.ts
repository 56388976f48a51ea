/** The worker's face of a lesson that teaches writing. */
import { TabtuneError } from '../../../base/errors';
import type { WritingConfig } from '../../../domain/language-config';
import { estimateLanguageMemory } from '../../../engine/estimate-language';
import { LanguageRows, countsInWords, refuseWhenEmpty } from '../../../text/language-rows';
import { overSample } from '../../../worker/data/sample';
import type { LessonWorker } from '../../../worker/lesson';
import type { TokenLengths } from '../../../worker/link/protocol';
import { refuseMisfit } from '../../../worker/model/fit';
import type { Call } from '../../../worker/session';
import type { WritingKind } from './kind';
import { openWriting } from './open';
import { showTokens } from './rows';
import { rendererFor } from './run';
import { TaughtWriting } from './taught';

export function writingWorker(kind: WritingKind): LessonWorker {
  return {
    lengthSettings: (config) => {
      const { maxLength, template } = kind.config(config);
      return { maxLength, template };
    },
    lengths: (call, config) => renderedLengths(kind, call, kind.config(config)),
    rowSeen({ session }, row, config) {
      const dataset = session.requireDataset();
      const model = session.requireModel();
      refuseMisfit(dataset.info.mapping, model.info);
      const cells = dataset.cells(row);
      const example = cells && kind.reader(dataset.info.mapping, dataset.info)(row, cells);
      if (!example)
        throw new TabtuneError('bad-data', 'This row is left out, so the model never sees it.', { place: { row } });
      const { maxLength, template } = config
        ? kind.config(config)
        : { maxLength: model.info.maxPositions, template: model.info.writing?.template ?? 'own' };
      return showTokens(example, rendererFor(model, template), maxLength);
    },
    estimate({ session }, config, longest) {
      const { checkpoint } = session.requireModel();
      const { train } = session.requireDataset().info.splitRows;
      return estimateLanguageMemory(checkpoint.config, kind.config(config), longest, train, checkpoint.tensors);
    },
    workload: (config) => `base ${kind.config(config).base}`,
    open: (call, setup) => openWriting(kind, call, setup),
    reopen: (run) => new TaughtWriting(kind, { ...run, replay: run.replay.map((row) => kind.example(row)) }),
  };
}

/** Also says what would be cut or left out, and why nothing could be taught. */
async function renderedLengths(
  kind: WritingKind,
  call: Call,
  { maxLength, template }: WritingConfig,
): Promise<TokenLengths> {
  const { info } = call.session.requireDataset();
  const taken = new LanguageRows(rendererFor(call.session.requireModel(), template), maxLength);
  const read = kind.reader(info.mapping, info);
  let refusal: string | null = null;
  try {
    await overSample(call, (row, cells) => {
      const example = read(row, cells);
      if (example) taken.take(example);
    });
    if (taken.counts.rows > 0) refuseWhenEmpty(taken.counts);
  } catch (thrown) {
    if (!(thrown instanceof TabtuneError) || thrown.code === 'cancelled') throw thrown;
    refusal = `${thrown.message} ${thrown.fix ?? ''}`.trim();
  }
  const { rows: counted, tokens, sequences, longest, truncated } = taken.counts;
  return {
    overLong: truncated,
    maxLength,
    longest,
    mean: sequences ? tokens / sequences : 0,
    counted,
    notes: countsInWords(taken.counts, maxLength),
    refusal,
  };
}
