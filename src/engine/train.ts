/** The training loop, whole: every read-back is named, and what happens is yielded for callers to decide upon. */
import { must } from '../base/assert';
import { TabtuneError, throwIfCancelled } from '../base/errors';
import { HEADLINE, meanLoss, taskMetrics } from '../domain/metrics';
import type { StopReason, TrainEvent, TrainingProgress, ValidationRecord } from '../domain/run';
import type { LabelValue, TaskKind } from '../domain/task';
import type { TrainingConfig } from '../domain/training-config';
import type { NamedTensor } from '../formats/tensor';
import { memoryBytes } from './backend/backends';
import { epochBatches } from './batches';
import { Classifier, type ModelInput } from './classifier';
import { AdamW } from './optimizer';
import { learningRateAt, warmupSteps } from './schedule';
import { Stopwatch } from './stopwatch';
import { TASKS } from './tasks/registry';
import type { LossOptions } from './tasks/task';
import type { EncodedExample, FineTuneModel, TrainControl, TrainData, TrainingState } from './types';

/** Rows that can be batched: tokens, or features of a frozen body. */
interface Rows {
  lengths: number[];
  input(indices: readonly number[]): ModelInput;
  label(index: number): LabelValue;
  row(index: number): number;
}

function tokenRows(model: Classifier, examples: readonly EncodedExample[]): Rows {
  const at = (i: number): EncodedExample => must(examples[i], 'example');
  return {
    lengths: examples.map(({ ids }) => ids.length),
    input: (indices) => model.pad(indices.map(at)),
    label: (i) => at(i).label,
    row: (i) => at(i).row,
  };
}

function featureRows(examples: readonly EncodedExample[], features: readonly Float32Array[]): Rows {
  const at = (i: number): EncodedExample => must(examples[i], 'example');
  return {
    lengths: examples.map(() => 1),
    input(indices) {
      const width = features[0]?.length ?? 0;
      const flat = new Float32Array(indices.length * width);
      indices.forEach((i, row) => flat.set(must(features[i], 'features'), row * width));
      return { batch: indices.length, features: flat };
    },
    label: (i) => at(i).label,
    row: (i) => at(i).row,
  };
}

/** Balanced weights N / (classes · count), as scikit-learn's `class_weight="balanced"`; a class without rows weighs 1. */
export function classWeights(config: TrainingConfig, task: TaskKind, labels: readonly LabelValue[], classes: number): Float32Array | null {
  if (config.classWeights === 'none') return null;
  if (task !== 'single-label') throw new TabtuneError('bad-config', 'Class weights apply to tasks with one label a row.', { fix: 'Set class weights to none.' });
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label as number] = (counts[label as number] ?? 0) + 1;
  return Float32Array.from(counts, (count) => (count === 0 ? 1 : labels.length / (classes * count)));
}

/** Yields progress, returns the rows of both splits: tokens, or with a frozen body the features computed once. */
async function* prepareRows(model: Classifier, data: TrainData, control: TrainControl): AsyncGenerator<TrainEvent, { train: Rows; validation: Rows }> {
  if (model.method !== 'head') return { train: tokenRows(model, data.train), validation: tokenRows(model, data.validation) };
  const all = [...data.train, ...data.validation];
  const features = new Array<Float32Array>(all.length);
  // Longest first, so that each piece pads little; small pieces, so that progress is seen.
  const order = all.map((_, i) => i).sort((a, b) => must(all[b], 'example').ids.length - must(all[a], 'example').ids.length);
  const PIECE = 64;
  for (let at = 0; at < order.length; at += PIECE) {
    yield { type: 'phase', phase: 'features', done: at, total: all.length };
    const piece = order.slice(at, at + PIECE);
    const computed = await model.features(piece.map((i) => must(all[i], 'example')), { signal: control.signal });
    piece.forEach((i, k) => (features[i] = must(computed[k], 'features')));
  }
  yield { type: 'phase', phase: 'features', done: all.length, total: all.length };
  const cut = data.train.length;
  return { train: featureRows(data.train, features.slice(0, cut)), validation: featureRows(data.validation, features.slice(cut)) };
}

/** The best validation so far and the weights it was reached with. */
interface Best {
  record: ValidationRecord;
  weights: NamedTensor[];
}

const better = (a: ValidationRecord, b: ValidationRecord): boolean => a.metricValue > b.metricValue || (a.metricValue === b.metricValue && a.loss < b.loss);

const BEGINNING: TrainingProgress = { step: 0, microStep: 0, epoch: 0, batch: 0, elapsedMs: 0, validatedAt: -1, sinceBest: 0, best: null };

const byName = (tensors: readonly NamedTensor[]): Map<string, NamedTensor> => new Map(tensors.map((tensor) => [tensor.name, tensor]));

/** Throws `numbers` naming the step and its rows. */
function badNumbers(what: string, step: number, rows: readonly number[], cause?: unknown): TabtuneError {
  const shown = rows.slice(0, 16).join(', ') + (rows.length > 16 ? ', …' : '');
  return new TabtuneError('numbers', `${what} at step ${step}, on rows ${shown}. The weights of the step before are untouched.`, {
    place: rows[0] === undefined ? {} : { row: rows[0] },
    fix: 'Lower the learning rate, or look at those rows.',
    cause,
  });
}

/**
 * Fine-tunes the model in place and yields what happens. Ends with `finished`; throws `cancelled` when the signal is aborted, `numbers`
 * when loss or gradient is not finite (nothing of that step is applied), `bad-config` for settings that do not fit the task.
 * @param from the state of an earlier run of the same model, data and settings, which then goes on as if it had not stopped; `bad-model` when
 * it does not fit
 */
export async function* train(
  given: FineTuneModel,
  data: TrainData,
  config: TrainingConfig,
  control: TrainControl,
  from: TrainingState | null = null,
): AsyncGenerator<TrainEvent> {
  if (!(given instanceof Classifier)) throw new TabtuneError('internal', 'This model was not built by the engine.');
  const model = given;
  const task = TASKS[model.task];
  const losses: LossOptions = {
    classWeights: classWeights(config, model.task, data.train.map(({ label }) => label), model.outputs),
    labelSmoothing: model.task === 'single-label' ? config.labelSmoothing : 0,
  };
  const rows = yield* prepareRows(model, data, control);
  const { batchSize, gradientAccumulation, epochs, seed } = config;
  const batchesPerEpoch = Math.ceil(rows.train.lengths.length / batchSize);
  const stepsPerEpoch = Math.ceil(batchesPerEpoch / gradientAccumulation);
  const totalSteps = stepsPerEpoch * epochs;
  const warmup = warmupSteps(config.warmupRatio, totalSteps);
  const optimizer = new AdamW(model.trainedParameters(), { weightDecay: config.weightDecay, maxGradNorm: config.maxGradNorm });
  const start = from?.progress ?? BEGINNING;
  const clock = new Stopwatch(start.elapsedMs);
  const best: Best | null = start.best && { record: start.best, weights: from?.best ?? [] };
  const history = { best, sinceBest: start.sinceBest, validatedAt: start.validatedAt };
  let { step, microStep } = start;
  let reason: StopReason = 'completed';

  async function* validate(epoch: number): AsyncGenerator<TrainEvent> {
    if (data.validation.length === 0 || history.validatedAt === step) return;
    history.validatedAt = step;
    const record = await validation(model, rows.validation, step, epoch, control.signal);
    record.best = !history.best || better(record, history.best.record);
    history.sinceBest = record.best ? 0 : history.sinceBest + 1;
    if (record.best && config.keepBest) history.best = { record, weights: await model.trained() };
    else if (record.best) history.best = { record, weights: [] };
    yield { type: 'validation', record };
  }

  const stateAt = async (epoch: number, batch: number): Promise<TrainingState> => ({
    progress: { step, microStep, epoch, batch, elapsedMs: clock.elapsedMs, validatedAt: history.validatedAt, sinceBest: history.sinceBest, best: history.best?.record ?? null },
    parameters: await model.trained(),
    moments: await optimizer.state(),
    best: history.best?.weights ?? [],
  });

  try {
    if (from) {
      optimizer.restore(from.moments, step);
      model.restore(byName(from.parameters));
    }
    yield { type: 'phase', phase: 'training', done: step, total: totalSteps };
    running: for (let { epoch } = start; epoch < epochs; epoch++) {
      const batches = epochBatches(rows.train.lengths, batchSize, seed, epoch);
      for (let at = epoch === start.epoch ? start.batch : 0; at < batches.length; at += gradientAccumulation) {
        throwIfCancelled(control.signal);
        await control.edge?.(step, () => stateAt(epoch, at));
        if (control.paused && !control.stopRequested) {
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
        const micro = group.map((indices) => ({ input: rows.train.input(indices), targets: task.collate(indices.map((i) => rows.train.label(i))) }));
        const learningRate = learningRateAt(step, config.learningRate, config.schedule, warmup, totalSteps);
        const used = (): number[] => group.flat().map((i) => rows.train.row(i));
        const { loss, gradients } = await model.lossAndGradients(micro, losses, { seed, step: microStep });
        if (!Number.isFinite(loss)) {
          gradients.forEach((gradient) => gradient.dispose());
          throw badNumbers(`The loss became ${loss}`, step + 1, used());
        }
        const gradientNorm = await optimizer.step(gradients, learningRate).catch((error: unknown) => {
          throw error instanceof TabtuneError && error.code === 'numbers' ? badNumbers(error.message.replace(/\.$/, ''), step + 1, used(), error) : error;
        });
        step++;
        microStep += group.length;
        const examples = group.reduce((sum, { length }) => sum + length, 0);
        const tokens = group.flat().reduce((sum, i) => sum + (rows.train.lengths[i] ?? 0), 0);
        clock.count(examples, tokens);
        const done = epoch + Math.min(1, (at + group.length) / batches.length);
        yield {
          type: 'step',
          record: {
            step,
            totalSteps,
            epoch: done,
            loss,
            learningRate,
            gradientNorm,
            examplesPerSecond: clock.examplesPerSecond,
            tokensPerSecond: clock.tokensPerSecond,
            elapsedMs: clock.elapsedMs,
            remainingMs: (clock.elapsedMs / step) * (totalSteps - step),
            memoryBytes: memoryBytes(),
          },
        };
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
      model.restore(byName(kept.weights));
    }
    yield { type: 'finished', reason, step, bestStep: kept?.record.step ?? null };
  } finally {
    optimizer.dispose();
  }
}

/** Loss and headline metric of the validation rows. */
async function validation(model: Classifier, rows: Rows, step: number, epoch: number, signal: AbortSignal): Promise<ValidationRecord> {
  const count = rows.lengths.length;
  const indices = Array.from({ length: count }, (_, i) => i);
  const labels = indices.map((i) => rows.label(i));
  const logits = await model.predictRows(rows.lengths, (some) => rows.input(some), { signal });
  const loss = meanLoss(model.task, labels, logits);
  const headline = HEADLINE[model.task];
  const metricValue = headline.of(taskMetrics(model.task, model.labels, labels, logits, loss));
  return { step, epoch, loss, metricName: headline.name, metricValue, best: false };
}
