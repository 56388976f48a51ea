/**
 * The request `goOnFromRun`: a taught model becomes the base of the next run, as a merged folder kept where dropped
 * models are.
 */
import type { ModelInfo, ModelSource } from '../../domain/model';
import { memoryFile } from '../../formats/folder';
import * as hub from '../../hub/models';
import { weightFiles } from '../../lessons/answer/worker/exporting';
import { hubContext, loadSource } from '../model/loading';
import type { Context } from '../link/server';
import type { Session } from '../session';

/**
 * Merges the run's adapter into its base and loads what comes out, so that a later run begins there, and preferences
 * are measured against it. Throws `bad-config` for a run that gives labels, `storage`, `cancelled`.
 */
export async function goOnFromRun(
  session: Session,
  context: Context,
): Promise<{ info: ModelInfo; source: ModelSource }> {
  session.refuseWhileTraining('Another model cannot be loaded');
  const run = session.requireLanguageRun();
  context.progress({ label: 'Working what was learned into the model', done: 0, total: null, unit: 'files' });
  const files = await session.engineTurns.take(() =>
    weightFiles(run, run.summary.config.method === 'full' ? 'full' : 'merged', run.summary.name),
  );
  await session.engineTurns.take(async () => {
    run.release();
    return Promise.resolve();
  });
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
