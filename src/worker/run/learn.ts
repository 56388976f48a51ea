/**
 * Drives the training loop: a turn of the engine a step, checkpoints, looks at watched rows, and the person's wishes.
 */
import { TabtuneError } from '../../base/errors';
import { train } from '../../engine/training/loop';
import type { LoopEvent } from '../../engine/training/wishes';
import { withKernelChoice } from '../../engine/training/kernel-choice';
import type { Context } from '../link/server';
import { breathe } from '../link/server';
import { tuningOf } from '../model/kernel-choice';
import type { Session } from '../session';
import { CHECKPOINT_POLICY, CheckpointWriter } from './checkpoints';
import type { Interrupted, KeptRecords } from './checkpoints';
import type { OpenLesson, Setup } from '../lesson';
import type { Learned } from './result';
import type { Steering } from './steering';

/**
 * Watched rows are predicted after validations and after this many steps, as long as it takes no more than a tenth of
 * the time.
 */
const WATCH_EVERY_STEPS = 20;
const WATCH_EVERY_MS = 1000;
const WATCH_SHARE = 0.1;

export interface Driven {
  session: Session;
  setup: Setup;
  lesson: OpenLesson;
  from: Interrupted | null;
  steering: Steering;
  context: Context;
}

/**
 * Iterates the loop and passes on what happens. A step whose numbers fail ends the run with the weights of the step
 * before, if there is one.
 */
export async function learn(driven: Driven): Promise<Learned> {
  const { session, setup, lesson, from, steering, context } = driven;
  const { config } = setup.start;
  const [steps, validations] = [[...(from?.records.steps ?? [])], [...(from?.records.validations ?? [])]];
  const records: KeptRecords = { steps, validations, kernels: from?.kernels ?? {} };
  const learned: Learned = { reason: 'completed', bestStep: null, problem: null, steps, validations };
  const checkpoints = await checkpointsOf(driven, records);
  const watch = new Watcher(lesson, context);
  if (!from && lesson.looksFirst) await watch.look(0, 'now');
  const made = withKernelChoice(
    lesson.begin(steering.signal),
    tuningOf(session, setup.start, from, (choices) => (records.kernels = choices), context),
  );
  const events = train(made, config, { signal: steering.signal, from: from?.state ?? null });
  /** The step that was told last. */
  const told = (): number => steps.at(-1)?.step ?? 0;
  try {
    for (;;) {
      const wish = steering.wish({
        save: checkpoints.due(told(), steering.wantsSaved),
        look: watch.due(told(), 'after steps'),
      });
      const next = await session.engineTurns.take(() => events.next(wish));
      if (next.done) return learned;
      const event = next.value;
      record(learned, event);
      // The last look is at the weights that are kept, so it comes before the end is told.
      if (event.type === 'finished') await watch.look((config.keepBest ? event.bestStep : null) ?? event.step, 'now');
      if (event.type === 'settled') await watch.look(event.step, 'after steps');
      else if (event.type === 'state') {
        steering.saved();
        await checkpoints.keep(event.state);
      } else context.trainEvent(event);
      if (event.type === 'validation') await watch.look(event.record.step, 'soon');
      // Waiting here and not in the engine's turn leaves the engine to others during a pause.
      if (event.type === 'paused') await steering.whilePaused();
      await breathe(context.signal);
    }
  } catch (thrown) {
    if (!(thrown instanceof TabtuneError) || thrown.code !== 'numbers' || learned.steps.length === 0) throw thrown;
    return { ...learned, reason: 'bad-numbers', problem: thrown.toPlain() };
  } finally {
    await session.engineTurns.take(() => events.return(undefined));
  }
}

async function checkpointsOf(
  { session, setup: { start }, from, context }: Driven,
  records: KeptRecords,
): Promise<CheckpointWriter> {
  const usual = { ...CHECKPOINT_POLICY, everyMs: session.requireSettings().checkpointSeconds * 1000 };
  const policy = session.environment.checkpoints ?? usual;
  const tell = context.trainEvent.bind(context);
  const parts = { storage: await session.storage(), start, records, policy, tell };
  return new CheckpointWriter(parts, from?.state.progress.step ?? 0);
}

function record(learned: Learned, event: LoopEvent): void {
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
class Watcher {
  private readonly lesson: OpenLesson;
  private readonly context: Context;
  private last = { step: -1, endedAt: -Infinity, tookMs: 0 };

  constructor(lesson: OpenLesson, context: Context) {
    this.lesson = lesson;
    this.context = context;
  }

  due(step: number, when: When): boolean {
    if (when === 'now') return true;
    const pause = Math.max(WATCH_EVERY_MS, this.last.tookMs / WATCH_SHARE);
    return (
      step !== this.last.step &&
      performance.now() - this.last.endedAt >= pause &&
      (when === 'soon' || step - this.last.step >= WATCH_EVERY_STEPS)
    );
  }

  async look(step: number, when: When): Promise<void> {
    if (!this.due(step, when)) return;
    const startedAt = performance.now();
    const seen = await this.lesson.look();
    this.last = { step, endedAt: performance.now(), tookMs: performance.now() - startedAt };
    this.context.trainEvent({ type: 'look', step, seen });
  }
}
