/** The requests `train` and `resumeRun`: rows to tokens, tokens to a trained model, and the finished run to storage. */
import { TabtuneError } from '../../base/errors';
import type { TrainEvent } from '../../domain/run';
import { train as trainSteps } from '../../engine/training/loop';
import { tuned } from '../../engine/tuning';
import { CHECKPOINT_POLICY, CheckpointWriter, openCheckpoint } from './checkpoints';
import type { Interrupted, KeptRecords } from './checkpoints';
import { throughLosses } from './gpu-loss';
import { keep } from './result';
import type { Learned } from './result';
import { labelLesson } from '../../lessons/classify/worker/lesson';
import { languageLesson } from '../../lessons/answer/worker/lesson';
import type { Lesson } from './lesson';
import type { TrainRequest, TrainResult } from '../link/protocol';
import { RunControl } from './control';
import type { Setup } from './setup';
import { newSetup, setupAgain } from './setup';
import type { Context } from '../link/server';
import { breathe } from '../link/server';
import type { Session } from '../session';
import { tuningOf } from '../model/kernel-choice';

/**
 * Watched rows are predicted after validations and after this many steps, as long as it takes no more than a tenth of
 * the time.
 */
const WATCH_EVERY_STEPS = 20;
const WATCH_EVERY_MS = 1000;
const WATCH_SHARE = 0.1;

/**
 * Trains and keeps the run. Throws `bad-config` or `bad-data` before anything starts, `cancelled`, `numbers` when the
 * first step gives no number, and the engine's own errors. After `cancelled` nothing of the run is left; after another
 * failure its checkpoint is. The run before stays either way.
 */
export async function train(session: Session, request: TrainRequest, context: Context): Promise<TrainResult> {
  session.refuseWhileTraining('Another run cannot start');
  return conduct(session, context, () => Promise.resolve({ setup: newSetup(session, request), from: null }));
}

/**
 * Goes on with an unfinished run from its last checkpoint, as if it had not stopped. Throws as `train`, and
 * `not-found`, `storage` or `unsupported` when there is no checkpoint that can be read.
 */
export async function resumeRun(session: Session, { id }: { id: string }, context: Context): Promise<TrainResult> {
  session.refuseWhileTraining('Another run cannot go on');
  return conduct(session, context, async () => {
    const kept = await (await session.storage()).checkpoints.read(id);
    const from = openCheckpoint(kept);
    return { setup: await setupAgain(session, kept.start, context), from };
  });
}

/** One run from its preparation to its record, through losses of the GPU. */
async function conduct(
  session: Session,
  context: Context,
  prepare: () => Promise<{ setup: Setup; from: Interrupted | null }>,
): Promise<TrainResult> {
  const control = new RunControl(context.signal);
  session.control = control;
  try {
    await session.refuseReader();
    const { setup, from } = await prepare();
    control.runId = setup.start.id;
    if (from) context.trainEvent({ type: 'restored', after: 'stop', ...from.records });
    const startedAt = performance.now() - (from?.state.progress.elapsedMs ?? 0);
    const open =
      setup.kind === 'label'
        ? await labelLesson(session, setup, context)
        : await languageLesson(session, setup, context);
    return await throughLosses(session, setup.start, from, context, (since) =>
      attempt(session, setup, open, since, startedAt, control, context),
    );
  } finally {
    session.control = null;
  }
}

/** Builds the model, trains it and keeps it; on failure the model is gone. */
async function attempt(
  session: Session,
  setup: Setup,
  open: () => Promise<Lesson>,
  from: Interrupted | null,
  startedAt: number,
  control: RunControl,
  context: Context,
): Promise<TrainResult> {
  const lesson = await open();
  try {
    const learned = await learn(session, setup, lesson, from, control, context);
    const { run, unsaved } = await keep(session, lesson, learned, performance.now() - startedAt, context);
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

/**
 * Iterates the loop, a turn of the engine a step, and passes on what happens. A step whose numbers fail ends the run
 * with the weights of the step before, if there is one.
 */
async function learn(
  session: Session,
  setup: Setup,
  lesson: Lesson,
  from: Interrupted | null,
  control: RunControl,
  context: Context,
): Promise<Learned> {
  const { start } = setup;
  const [steps, validations] = [[...(from?.records.steps ?? [])], [...(from?.records.validations ?? [])]];
  const records: KeptRecords = { steps, validations, kernels: from?.kernels ?? {} };
  const learned: Learned = { reason: 'completed', bestStep: null, problem: null, steps, validations };
  const parts = {
    storage: await session.storage(),
    start,
    records,
    control,
    policy: session.environment.checkpoints ?? {
      ...CHECKPOINT_POLICY,
      everyMs: session.requireSettings().checkpointSeconds * 1000,
    },
    tell: (event: TrainEvent) => context.trainEvent(event),
  };
  const checkpoints = new CheckpointWriter(parts, from?.state.progress.step ?? 0);
  control.edge = checkpoints.edge;
  control.edgeDue = checkpoints.due;
  const watch = watcher(lesson, context);
  if (!from && lesson.looksFirst) await watch.look(0, 'now');
  const made = tuned(
    lesson.begin(control.signal),
    tuningOf(session, start, from, (choices) => (records.kernels = choices), context),
  );
  const events = trainSteps(made, start.config, control, from?.state ?? null);
  try {
    for (;;) {
      const next = await session.engineTurns.take(() => events.next());
      if (next.done) return learned;
      const event = next.value;
      record(learned, event);
      // The last look is at the weights that are kept, so it comes before the end is told.
      if (event.type === 'finished')
        await watch.look((start.config.keepBest ? event.bestStep : null) ?? event.step, 'now');
      context.trainEvent(event);
      if (event.type === 'step') {
        // Where the GPU is ahead already, the next step that is told is looked at.
        control.exact = watch.due(event.record.step, 'after steps') && control.weightsAt !== event.record.step;
        if (!control.exact) await watch.look(event.record.step, 'after steps');
      }
      if (event.type === 'validation') await watch.look(event.record.step, 'soon');
      // Waiting here and not in the engine's turn leaves the engine to others during a pause.
      if (event.type === 'paused') await control.whilePaused();
      await breathe(context.signal);
    }
  } catch (thrown) {
    if (!(thrown instanceof TabtuneError) || thrown.code !== 'numbers' || learned.steps.length === 0) throw thrown;
    return { ...learned, reason: 'bad-numbers', problem: thrown.toPlain() };
  } finally {
    await session.engineTurns.take(() => events.return(undefined));
  }
}

function record(learned: Learned, event: TrainEvent): void {
  switch (event.type) {
    case 'step':
      learned.steps.push(event.record);
      return;
    case 'validation':
      learned.validations.push(event.record);
      return;
    case 'finished':
      learned.reason = event.reason;
      learned.bestStep = event.bestStep;
      return;
    default:
      return;
  }
}

type When = 'now' | 'soon' | 'after steps';

/** Looks at what the model says when it is time, and tells it. */
function watcher(
  lesson: Lesson,
  context: Context,
): { due(step: number, when: When): boolean; look(step: number, when: When): Promise<void> } {
  let last = { step: -1, endedAt: -Infinity, tookMs: 0 };
  const due = (step: number, when: When): boolean => {
    if (when === 'now') return true;
    const pause = Math.max(WATCH_EVERY_MS, last.tookMs / WATCH_SHARE);
    return (
      step !== last.step &&
      performance.now() - last.endedAt >= pause &&
      (when === 'soon' || step - last.step >= WATCH_EVERY_STEPS)
    );
  };
  return {
    due,
    async look(step, when) {
      if (!due(step, when)) return;
      const startedAt = performance.now();
      const seen = await lesson.look(step);
      last = { step, endedAt: performance.now(), tookMs: performance.now() - startedAt };
      context.trainEvent(seen);
    },
  };
}
