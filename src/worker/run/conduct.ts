/** The requests `train` and `resumeRun`: rows to tokens, tokens to a trained model, and the finished run to storage. */
import type { RunCall, RunSession } from './run';
import { openCheckpoint } from './checkpoints';
import type { Interrupted } from './checkpoints';
import { throughLosses } from './gpu-loss';
import { keep } from './result';
import { lessonWorker } from '../../lessons/workers';
import type { OpenLesson, Setup } from '../lesson';
import type { TrainRequest, TrainResult } from '../link/protocol';
import { learn } from './learn';
import { Steering } from './steering';
import { newSetup, setupAgain } from './setup';
import type { Context } from '../link/server';

/**
 * Trains and keeps the run. Throws `bad-config` or `bad-data` before anything starts, `cancelled`, `numbers` when the
 * first step gives no number, and the engine's own errors. After `cancelled` nothing of the run is left; after another
 * failure its checkpoint is. The run before stays either way.
 */
export async function train(session: RunSession, request: TrainRequest, context: Context): Promise<TrainResult> {
  session.refuseWhileTraining('Another run cannot start');
  return conduct(session, context, async () => {
    const setup = newSetup(session, request);
    const targetScale = await lessonWorker(setup.start.mapping.lesson).targetScale?.({ session, context }, setup);
    return { setup: targetScale ? { ...setup, start: { ...setup.start, targetScale } } : setup, from: null };
  });
}

/**
 * Goes on with an unfinished run from its last checkpoint, as if it had not stopped. Throws as `train`, and
 * `not-found`, `storage` or `unsupported` when there is no checkpoint that can be read.
 */
export async function resumeRun(session: RunSession, { id }: { id: string }, context: Context): Promise<TrainResult> {
  session.refuseWhileTraining('Another run cannot go on');
  return conduct(session, context, async () => {
    const kept = await (await session.storage()).checkpoints.read(id);
    const from = openCheckpoint(kept);
    return { setup: await setupAgain(session, kept.start, context), from };
  });
}

/** One run from its preparation to its record, through losses of the GPU. */
async function conduct(
  session: RunSession,
  context: Context,
  prepare: () => Promise<{ setup: Setup; from: Interrupted | null }>,
): Promise<TrainResult> {
  const steering = new Steering(context.signal);
  session.control = steering;
  try {
    await session.refuseReader();
    const { setup, from } = await prepare();
    steering.runId = setup.start.id;
    if (from) context.trainEvent({ type: 'restored', after: 'stop', ...from.records });
    const startedAt = performance.now() - (from?.state.progress.elapsedMs ?? 0);
    const open = await lessonWorker(setup.start.mapping.lesson).open({ session, context }, setup);
    return await throughLosses(session, setup.start, from, context, (since) =>
      attempt({ session, context }, { setup, open, startedAt, steering }, since),
    );
  } finally {
    session.control = null;
  }
}

/** What stays the same over all attempts of a run. */
interface Conducted {
  setup: Setup;
  open: () => Promise<OpenLesson>;
  startedAt: number;
  steering: Steering;
}

/** Builds the model, trains it and keeps it; on failure the model is gone. */
async function attempt(
  { session, context }: RunCall,
  { setup, open, startedAt, steering }: Conducted,
  from: Interrupted | null,
): Promise<TrainResult> {
  const lesson = await open();
  try {
    const learned = await learn({ session, setup, lesson, from, steering, context });
    const { run, unsaved } = await keep({ session, context }, setup, lesson, learned, performance.now() - startedAt);
    const previous = session.run;
    session.run = run;
    await session.engineTurns.take(async () => previous?.retire());
    return { run: run.summary, reason: learned.reason, problem: learned.problem, unsaved };
  } catch (thrown) {
    await session.engineTurns.take(async () => lesson.weights.dispose());
    if (context.signal.aborted) await (await session.storage()).checkpoints.remove(setup.start.id);
    throw thrown;
  }
}
