/** What becomes of work when the GPU stops: it is opened anew, and a run under way goes on from its last checkpoint. */
import { TabtuneError } from '../../base/errors';
import type { RunStart } from '../../domain/run';
import { openBackend } from '../../engine/backend/backends';
import { gpuAdapter, gpuWasLost } from '../../engine/backend/gpu-device';
import type { Interrupted } from './checkpoints';
import { openCheckpoint } from './checkpoints';
import type { Context } from '../link/server';
import type { Session } from '../session';

/** So many losses without a new checkpoint in between end a run: it would only begin again and again. */
const MOST_LOSSES = 3;
/** A browser whose GPU process has died may need a moment until it has another. */
const REOPEN_AFTER_MS = [0, 500, 2000, 5000];

const onGpu = (session: Session): boolean => session.device?.chosen === 'webgpu';
const isGone = (session: Session): boolean => onGpu(session) && gpuAdapter() === null;

/** Opens the GPU again; models on the lost one are worthless. Call inside a turn of the engine. Throws `device`. */
async function reopen(session: Session): Promise<void> {
  session.run?.release();
  const { baseUrl } = session.requireSettings();
  const before = session.requireDevice().backends.find(({ backend }) => backend === 'webgpu');
  const found = await openBackend('webgpu', { wasmPath: new URL('wasm/', baseUrl).href });
  if (found.software && !before?.software)
    throw new TabtuneError(
      'device',
      `The GPU stopped working and did not come back: the browser offers only ${found.name} instead.`,
      { fix: 'Restart the browser, or go on with WebAssembly: the device can be changed in the header.' },
    );
}

/**
 * Opens a lost GPU again before work that builds its models anew; a run under way does so itself, for it has more to
 * bring back. When there is no GPU, the work itself says so.
 */
export async function reviveWhenIdle(session: Session): Promise<void> {
  if (!session.control && isGone(session)) await reopen(session).catch(() => undefined);
}

/** Whether it was for the GPU's loss that a run failed. */
async function isLoss(session: Session, thrown: unknown): Promise<boolean> {
  const ofAnotherKind = thrown instanceof TabtuneError && thrown.code !== 'device' && thrown.code !== 'internal';
  return onGpu(session) && !ofAnotherKind && gpuWasLost();
}

async function reopenPatiently(session: Session): Promise<void> {
  for (const [attempt, waitMs] of REOPEN_AFTER_MS.entries()) {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    try {
      await session.engineTurns.take(() => reopen(session));
      return;
    } catch (thrown) {
      if (attempt === REOPEN_AFTER_MS.length - 1) throw thrown;
    }
  }
}

/** Where a run can go on from; null when nothing of it is kept yet. */
async function lastKept(session: Session, id: string): Promise<Interrupted | null> {
  const kept = await (await session.storage()).checkpoints.read(id).catch((thrown: unknown) => {
    if (thrown instanceof TabtuneError && thrown.code === 'not-found') return null;
    throw thrown;
  });
  return kept && openCheckpoint(kept);
}

const stepOf = (from: Interrupted | null): number => from?.state.progress.step ?? 0;

/**
 * Sees a run through losses of the GPU: each time the GPU is opened anew and the run goes on from its last checkpoint,
 * or from its beginning when there is none. Throws `device` when the GPU does not come back or is lost again and again;
 * what was kept of the run stays then.
 * @param from where the run begins
 */
export async function throughLosses<T>(
  session: Session,
  start: RunStart,
  from: Interrupted | null,
  context: Context,
  attempt: (from: Interrupted | null) => Promise<T>,
): Promise<T> {
  let losses = 0;
  if (isGone(session)) await reopenPatiently(session);
  for (;;) {
    try {
      return await attempt(from);
    } catch (thrown) {
      if (context.signal.aborted || !(await isLoss(session, thrown))) throw thrown;
      const kept = await lastKept(session, start.id);
      losses = stepOf(kept) > stepOf(from) ? 1 : losses + 1;
      if (losses === MOST_LOSSES)
        throw new TabtuneError(
          'device',
          `The GPU stopped working ${MOST_LOSSES} times, and nothing new could be kept in between.`,
          {
            fix:
              'Close other programs that use the GPU, or change to WebAssembly in the header; then go on with ' +
              'the run from where it was kept, or begin again with a smaller batch.',
            cause: thrown,
          },
        );
      from = kept;
      await reopenPatiently(session);
      context.trainEvent({
        type: 'restored',
        after: 'gpu-loss',
        steps: [...(from?.records.steps ?? [])],
        validations: [...(from?.records.validations ?? [])],
      });
    }
  }
}
