/**
 * The training loop, whole, for every kind of model (learners/): what happens is yielded for callers to decide upon.
 */
import { must } from '../../base/assert';
import { TabtuneError, throwIfCancelled } from '../../base/errors';
import type { StepRecording, StopReason, TrainEvent, TrainingProgress, ValidationRecord } from '../../domain/run';
import type { TrainingConfig } from '../../domain/training-config';
import type { NamedTensor } from '../../formats/tensor';
import { memoryBytes } from '../backend/backends';
import { epochBatches } from './batches';
import type { Learner, Made } from './learner';
import { AdamW } from './optimizer';
import { learningRateAt, warmupSteps } from './schedule';
import { stepperFor, type Taken } from './stepper';
import { Stopwatch } from './stopwatch';
import type { TrainControl, TrainingState } from '../types';

/** The best validation so far and the weights it was reached with. */
interface Best {
  record: ValidationRecord;
  weights: NamedTensor[];
}

const BEGINNING: TrainingProgress = {
  step: 0,
  microStep: 0,
  epoch: 0,
  batch: 0,
  elapsedMs: 0,
  validatedAt: -1,
  sinceBest: 0,
  best: null,
};

/** A step whose numbers are not known yet. */
interface Underway {
  step: number;
  epoch: number;
  items: readonly number[];
  learningRate: number;
  outcome: Promise<Taken>;
}

const byName = (tensors: readonly NamedTensor[]): Map<string, NamedTensor> =>
  new Map(tensors.map((tensor) => [tensor.name, tensor]));

/** `numbers`, naming the step and its rows. */
function badNumbers(what: string, step: number, rows: readonly number[]): TabtuneError {
  const shown = rows.slice(0, 16).join(', ') + (rows.length > 16 ? ', …' : '');
  return new TabtuneError(
    'numbers',
    `${what} at step ${step}, on rows ${shown}. The weights of the step before are untouched.`,
    { place: rows[0] === undefined ? {} : { row: rows[0] }, fix: 'Lower the learning rate, or look at those rows.' },
  );
}

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
  control: TrainControl,
  from: TrainingState | null = null,
): AsyncGenerator<TrainEvent> {
  const learner = Symbol.asyncIterator in made ? yield* made : made;
  const { weights } = learner;
  const { batchSize, gradientAccumulation, epochs, seed } = config;
  const batchesPerEpoch = Math.ceil(learner.lengths.length / batchSize);
  const stepsPerEpoch = Math.ceil(batchesPerEpoch / gradientAccumulation);
  const totalSteps = stepsPerEpoch * epochs;
  const warmup = warmupSteps(config.warmupRatio, totalSteps);
  const optimizer = new AdamW(weights.trainedParameters(), {
    weightDecay: config.weightDecay,
    maxGradNorm: config.maxGradNorm,
  });
  const start = from?.progress ?? BEGINNING;
  const clock = new Stopwatch(start.elapsedMs);
  const best: Best | null = start.best && { record: start.best, weights: from?.best ?? [] };
  const history = { best, sinceBest: start.sinceBest, validatedAt: start.validatedAt };
  const stepper = stepperFor(learner, optimizer);
  const underway: Underway[] = [];
  let told: StepRecording | null = null;
  let { step, microStep } = start;
  let reason: StopReason = 'completed';

  /**
   * Yields steps once they are known, until no more than `most` are on their way. Throws `numbers` for one that was not
   * finite.
   */
  async function* settle(most: number): AsyncGenerator<TrainEvent> {
    while (underway.length > most) {
      const { outcome, ...taken } = must(underway[0], 'step');
      const { loss, gradientNorm, bad, extras } = await outcome;
      underway.shift();
      const rows = (): number[] => taken.items.map((i) => learner.row(i));
      if (bad)
        throw badNumbers(
          Number.isFinite(loss) ? `The gradient is ${gradientNorm}` : `The loss became ${loss}`,
          taken.step,
          rows(),
        );
      clock.count(
        taken.items.length,
        taken.items.reduce((sum, i) => sum + (learner.lengths[i] ?? 0), 0),
      );
      yield {
        type: 'step',
        record: {
          step: taken.step,
          totalSteps,
          epoch: taken.epoch,
          loss,
          learningRate: taken.learningRate,
          gradientNorm,
          examplesPerSecond: clock.examplesPerSecond,
          tokensPerSecond: clock.tokensPerSecond,
          elapsedMs: clock.elapsedMs,
          remainingMs: (clock.elapsedMs / taken.step) * (totalSteps - taken.step),
          memoryBytes: memoryBytes(),
          ...(extras ? { extras } : {}),
        },
      };
      const { recorded } = stepper;
      if (recorded && (recorded.shapes !== told?.shapes || recorded.reason !== told.reason))
        yield { type: 'recorded', recording: (told = recorded) };
    }
  }

  async function* validate(epoch: number): AsyncGenerator<TrainEvent> {
    yield* settle(0);
    if (!learner.validates || history.validatedAt === step) return;
    history.validatedAt = step;
    const figures = await learner.validate(control.signal);
    const record = { step, epoch, ...figures, best: !history.best || learner.better(figures, history.best.record) };
    history.sinceBest = record.best ? 0 : history.sinceBest + 1;
    if (record.best && config.keepBest) history.best = { record, weights: await weights.trained() };
    else if (record.best) history.best = { record, weights: [] };
    yield { type: 'validation', record };
  }

  const stateAt = async (epoch: number, batch: number): Promise<TrainingState> => ({
    progress: {
      step,
      microStep,
      epoch,
      batch,
      elapsedMs: clock.elapsedMs,
      validatedAt: history.validatedAt,
      sinceBest: history.sinceBest,
      best: history.best?.record ?? null,
    },
    parameters: await weights.trained(),
    moments: await optimizer.state(),
    best: history.best?.weights ?? [],
  });

  try {
    if (from) {
      optimizer.restore(from.moments, step);
      weights.restore(byName(from.parameters));
    }
    yield { type: 'phase', phase: 'training', done: step, total: totalSteps };
    running: for (let { epoch } = start; epoch < epochs; epoch++) {
      const batches = epochBatches(learner.lengths, batchSize, seed, epoch);
      for (let at = epoch === start.epoch ? start.batch : 0; at < batches.length; at += gradientAccumulation) {
        throwIfCancelled(control.signal);
        if (control.exact) yield* settle(0);
        if (control.edge && (control.edgeDue?.(step) ?? true)) {
          yield* settle(0);
          await control.edge(step, () => stateAt(epoch, at));
        }
        if (control.paused && !control.stopRequested) {
          yield* settle(0);
          clock.pause();
          yield { type: 'paused', step };
          await control.whilePaused();
          throwIfCancelled(control.signal);
          clock.resume();
          yield { type: 'resumed', step };
        }
        if (control.stopRequested) {
          reason = 'stopped';
          break running;
        }
        const group = batches.slice(at, at + gradientAccumulation);
        const learningRate = learningRateAt(step, config.learningRate, config.schedule, warmup, totalSteps);
        const outcome = stepper.take(learner.prepare(group, { seed, step: microStep }), learningRate);
        // Awaited later; until then a failure is nobody's.
        outcome.catch(() => undefined);
        step++;
        control.weightsAt = step;
        microStep += group.length;
        const done = epoch + Math.min(1, (at + group.length) / batches.length);
        underway.push({ step, epoch: done, items: group.flat(), learningRate, outcome });
        yield* settle(control.exact ? 0 : stepper.ahead);
        if (config.validateEverySteps > 0 && step % config.validateEverySteps === 0) yield* validate(done);
        if (config.earlyStoppingPatience > 0 && history.sinceBest >= config.earlyStoppingPatience) {
          reason = 'early-stopping';
          break running;
        }
      }
      if (config.validateEverySteps === 0 || epoch === epochs - 1) yield* validate(epoch + 1);
      if (config.earlyStoppingPatience > 0 && history.sinceBest >= config.earlyStoppingPatience) {
        reason = 'early-stopping';
        break;
      }
    }
    if (reason === 'stopped' && step > 0) yield* validate(step / stepsPerEpoch);
    const kept = history.best;
    if (config.keepBest && kept && kept.record.step !== step) {
      yield { type: 'phase', phase: 'keeping-best', done: kept.record.step, total: step };
      weights.restore(byName(kept.weights));
    }
    yield { type: 'finished', reason, step, bestStep: kept?.record.step ?? null };
  } finally {
    await Promise.allSettled(underway.map(({ outcome }) => outcome));
    stepper.dispose();
    optimizer.dispose();
  }
}
