/**
 * The request `goOnFromRun`: a taught model becomes the base of the next run, as a merged folder kept where dropped
 * models are.
 */
import type { RunCall } from './run';
import { TabtuneError } from '../../base/errors';
import type { ModelInfo, ModelSource } from '../../domain/model';
import { memoryFile } from '../../formats/folder';
import * as hub from '../../hub/models';
import { hubContext, loadSource } from '../model/base-model';

/**
 * Loads what was taught as a model, so that a later run begins there. Throws `bad-config` for a run whose model cannot
 * be such a base, `storage`, `cancelled`.
 */
export async function goOnFromRun(call: RunCall): Promise<{ info: ModelInfo; source: ModelSource }> {
  const { session, context } = call;
  session.refuseWhileTraining('Another model cannot be loaded');
  const run = session.requireRun();
  if (!run.asBase)
    throw new TabtuneError('bad-config', 'The model of this run cannot be gone on from.', {
      fix: 'Open a run of a model that writes.',
    });
  context.progress({ label: 'Working what was learned into the model', done: 0, total: null, unit: 'files' });
  const files = await run.asBase(call);
  await session.engineTurns.take(async () => run.release());
  const kept = await hub.storeDropped(
    await hubContext(session),
    run.summary.name,
    files.map(({ path, bytes }) => memoryFile(path, bytes)),
    {
      signal: context.signal,
      onProgress: (done, total) => context.progress({ label: 'Keeping the model', done, total, unit: 'bytes' }),
    },
  );
  const model = await loadSource(session, kept.source, context);
  session.model = model;
  return { info: model.info, source: model.source };
}
