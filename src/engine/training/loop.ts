/**
 * The training loop, whole, for every kind of model (learners/): what happens is yielded, and what is wished for is
 * what each yield is answered with (wishes.ts).
 */
import type { StopReason } from '../../domain/run';
import type { TrainingConfig } from '../../domain/training-config';
import type { TrainingState } from '../types';
import type { Learner, Made } from './learner';
import { placesFrom, stepsPerEpoch } from './places';
import { Run } from './run';
import type { Telling } from './wishes';

/**
 * Fine-tunes a learner's weights in place and yields what happens. Ends with `finished`; throws `cancelled` when the
 * signal is aborted, `numbers` when loss or gradient is not finite (nothing of that step is applied), `bad-config` for
 * settings that do not fit the task.
 * @param made the learner, or what prepares it and reports on that first
 * @param from the state of an earlier run of the same model, data and settings, which then goes on as if it had not
 * stopped; `bad-model` when it does not fit
 */
export async function* train(
  made: Learner | Made,
  config: TrainingConfig,
  { signal = new AbortController().signal, from = null }: { signal?: AbortSignal; from?: TrainingState | null } = {},
): Telling {
  const learner = Symbol.asyncIterator in made ? yield* made : made;
  const { epochs, validateEverySteps: every, earlyStoppingPatience: patience } = config;
  const run = new Run(learner, config, signal, from);
  let reason: StopReason = 'completed';
  try {
    if (from) run.restore(from);
    yield* run.tell({ type: 'phase', phase: 'training', done: run.step, total: run.totalSteps });
    for (const place of placesFrom(from?.progress ?? { epoch: 0, batch: 0 }, learner.lengths, config)) {
      yield* run.edge(place);
      if (run.wishes.has('stop')) {
        reason = 'stopped';
        break;
      }
      yield* run.take(place);
      const asked = every > 0 ? run.step % every === 0 : place.last;
      const end = place.last && place.epoch === epochs - 1;
      if (asked || end) yield* run.validate(place.done);
      if (run.history.stale(patience)) {
        reason = 'early-stopping';
        break;
      }
    }
    if (reason === 'stopped' && run.step > 0)
      yield* run.validate(run.step / stepsPerEpoch(learner.lengths.length, config));
    yield* run.returnToBest();
    yield* run.tell({ type: 'finished', reason, step: run.step, bestStep: run.history.best?.record.step ?? null });
  } finally {
    await run.dispose();
  }
}
