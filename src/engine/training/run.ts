/** A run of the training loop: what it has reached, the steps that are on their way, and the wishes still open. */
import { must } from '../../base/assert';
import { TabtuneError, throwIfCancelled } from '../../base/errors';
import type { StepRecord, StepRecording } from '../../domain/run';
import type { TrainingConfig } from '../../domain/training-config';
import type { NamedTensor } from '../../formats/tensor';
import { memoryBytes } from '../backend/backends';
import type { TrainingState } from '../types';
import { History } from './history';
import type { Learner } from './learner';
import { AdamW } from './optimizer';
import { stepsPerEpoch, type Place } from './places';
import { learningRateAt, warmupSteps } from './schedule';
import { stepperFor, type Taken } from './stepper';
import { Stopwatch } from './stopwatch';
import type { LoopEvent, Telling, TrainWish } from './wishes';

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
function badNumbers({ loss, gradientNorm }: Taken, step: number, rows: readonly number[]): TabtuneError {
  const what = Number.isFinite(loss) ? `The gradient is ${gradientNorm}` : `The loss became ${loss}`;
  const shown = rows.slice(0, 16).join(', ') + (rows.length > 16 ? ', …' : '');
  return new TabtuneError(
    'numbers',
    `${what} at step ${step}, on rows ${shown}. The weights of the step before are untouched.`,
    { place: rows[0] === undefined ? {} : { row: rows[0] }, fix: 'Lower the learning rate, or look at those rows.' },
  );
}

export class Run {
  /** Steps that have been taken. */
  step: number;
  readonly totalSteps: number;
  readonly history: History;
  readonly wishes = new Set<TrainWish>();
  private readonly learner: Learner;
  private readonly config: TrainingConfig;
  private readonly signal: AbortSignal;
  private readonly optimizer: AdamW;
  private readonly stepper: ReturnType<typeof stepperFor>;
  private readonly clock: Stopwatch;
  private readonly underway: Underway[] = [];
  /** Micro-batches that have been taken. */
  private microStep: number;
  private recorded: StepRecording | null = null;

  /** @param from what the weights and the optimizer are to be with `restore` */
  constructor(learner: Learner, config: TrainingConfig, signal: AbortSignal, from: TrainingState | null) {
    this.learner = learner;
    this.config = config;
    this.signal = signal;
    const { weightDecay, maxGradNorm } = config;
    this.optimizer = new AdamW(learner.weights.trainedParameters(), { weightDecay, maxGradNorm });
    this.stepper = stepperFor(learner, this.optimizer);
    this.totalSteps = stepsPerEpoch(learner.lengths.length, config) * config.epochs;
    this.history = new History(from);
    this.step = from?.progress.step ?? 0;
    this.microStep = from?.progress.microStep ?? 0;
    this.clock = new Stopwatch(from?.progress.elapsedMs);
  }

  /** Throws `bad-model` when the state is not of such a run. */
  restore({ moments, parameters, progress }: TrainingState): void {
    this.optimizer.restore(moments, progress.step);
    this.learner.weights.restore(byName(parameters));
  }

  /** Tells an event and remembers what is wished in answer. */
  async *tell(event: LoopEvent): Telling {
    const wish = yield event;
    if (wish) this.wishes.add(wish);
  }

  /** Grants what is wished for; `stop` is left to the loop. Throws `cancelled`. */
  async *edge(place: Place): Telling {
    throwIfCancelled(this.signal);
    if (this.wishes.size === 0) return;
    yield* this.settle(0);
    if (this.wishes.delete('exact')) yield* this.tell({ type: 'settled', step: this.step });
    if (this.wishes.delete('save')) yield* this.tell({ type: 'state', state: await this.stateAt(place) });
    if (this.wishes.delete('pause') && !this.wishes.has('stop')) {
      this.clock.pause();
      yield* this.tell({ type: 'paused', step: this.step });
      this.clock.resume();
      throwIfCancelled(this.signal);
      yield* this.tell({ type: 'resumed', step: this.step });
    }
    throwIfCancelled(this.signal);
  }

  /** Takes the step of a place; on the GPU it may still be on its way then. */
  async *take({ group, done }: Place): Telling {
    const { seed, learningRate: peak, schedule, warmupRatio } = this.config;
    const warmup = warmupSteps(warmupRatio, this.totalSteps);
    const learningRate = learningRateAt(this.step, peak, schedule, warmup, this.totalSteps);
    const outcome = this.stepper.take(this.learner.prepare(group, { seed, step: this.microStep }), learningRate);
    // Awaited later; until then a failure is nobody's.
    outcome.catch(() => undefined);
    this.step++;
    this.microStep += group.length;
    this.underway.push({ step: this.step, epoch: done, items: group.flat(), learningRate, outcome });
    yield* this.settle(this.stepper.ahead);
  }

  /** Tells steps once they are known, until no more than `most` are on their way. Throws `numbers` for a bad one. */
  private async *settle(most: number): Telling {
    while (this.underway.length > most) {
      const next = must(this.underway[0], 'step');
      const taken = await next.outcome;
      this.underway.shift();
      if (taken.bad)
        throw badNumbers(
          taken,
          next.step,
          next.items.map((i) => this.learner.row(i)),
        );
      yield* this.tell({ type: 'step', record: this.recordOf(next, taken) });
      const { recorded } = this.stepper;
      if (!recorded || (recorded.shapes === this.recorded?.shapes && recorded.reason === this.recorded.reason))
        continue;
      this.recorded = recorded;
      yield* this.tell({ type: 'recorded', recording: recorded });
    }
  }

  private recordOf({ step, epoch, items, learningRate }: Underway, taken: Taken): StepRecord {
    const { clock, totalSteps, learner } = this;
    clock.count(
      items.length,
      items.reduce((sum, i) => sum + (learner.lengths[i] ?? 0), 0),
    );
    const { elapsedMs } = clock;
    const { loss, gradientNorm, extras } = taken;
    return {
      step,
      totalSteps,
      epoch,
      loss,
      learningRate,
      gradientNorm,
      examplesPerSecond: clock.examplesPerSecond,
      tokensPerSecond: clock.tokensPerSecond,
      elapsedMs,
      remainingMs: (elapsedMs / step) * (totalSteps - step),
      memoryBytes: memoryBytes(),
      ...(extras ? { extras } : {}),
    };
  }

  /** Validates, unless these weights have been or there are no rows for it. */
  async *validate(epoch: number): Telling {
    yield* this.settle(0);
    const { learner, history, step } = this;
    if (!learner.validates || history.validatedAt === step) return;
    history.validatedAt = step;
    const figures = await learner.validate(this.signal);
    const best = !history.best || learner.better(figures, history.best.record);
    const record = { step, epoch, ...figures, best };
    await history.add(record, async () => (this.config.keepBest ? learner.weights.trained() : []));
    yield* this.tell({ type: 'validation', record });
  }

  /** Goes back to the weights of the best validation, where those are kept and others were learned since. */
  async *returnToBest(): Telling {
    const { best } = this.history;
    if (!this.config.keepBest || !best || best.record.step === this.step) return;
    yield* this.tell({ type: 'phase', phase: 'keeping-best', done: best.record.step, total: this.step });
    this.learner.weights.restore(byName(best.weights));
  }

  private async stateAt({ epoch, batch }: Place): Promise<TrainingState> {
    const { step, microStep, history, clock } = this;
    return {
      progress: { step, microStep, epoch, batch, elapsedMs: clock.elapsedMs, ...history.progress() },
      parameters: await this.learner.weights.trained(),
      moments: await this.optimizer.state(),
      best: history.best?.weights ?? [],
    };
  }

  async dispose(): Promise<void> {
    await Promise.allSettled(this.underway.map(({ outcome }) => outcome));
    this.stepper.dispose();
    this.optimizer.dispose();
  }
}
