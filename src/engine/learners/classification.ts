/** Learns labels: an encoder with a head over rows of tokens, or a head alone over features that are computed once. */
import { must } from '../../base/assert';
import { TabtuneError } from '../../base/errors';
import { HEADLINE, isBetter, meanLoss, taskMetrics } from '../../domain/metrics';
import type { TrainEvent } from '../../domain/run';
import { IN_UNIT, learnedOf } from '../../domain/target-scale';
import type { LabelValue, TaskKind } from '../../domain/task';
import type { LabelConfig } from '../../domain/training-config';
import { Classifier, type ModelInput } from '../classifier';
import { TASKS } from '../tasks';
import { bringIntoUnit } from './head-unit';
import type { EncodedExample, FineTuneModel, TrainData } from '../types';
import type { Made, ValidationFigures } from '../training/learner';

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

function featureRows(model: Classifier, examples: readonly EncodedExample[], features: readonly Float32Array[]): Rows {
  const at = (i: number): EncodedExample => must(examples[i], 'example');
  return {
    lengths: examples.map(() => 1),
    input: (indices) => model.joined(indices.map((i) => must(features[i], 'features'))),
    label: (i) => at(i).label,
    row: (i) => at(i).row,
  };
}

/**
 * Balanced weights N / (classes · count), as scikit-learn's `class_weight="balanced"`; a class without rows weighs 1.
 */
export function classWeights(
  config: LabelConfig,
  task: TaskKind,
  labels: readonly LabelValue[],
  classes: number,
): Float32Array | null {
  // Numbers have no classes; the setting may be left of a run on labels, where it is not shown.
  if (config.classWeights === 'none' || task === 'regression') return null;
  if (task !== 'single-label')
    throw new TabtuneError('bad-config', 'Class weights apply to tasks with one label a row.', {
      fix: 'Set class weights to none.',
    });
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label as number] = (counts[label as number] ?? 0) + 1;
  return Float32Array.from(counts, (count) => (count === 0 ? 1 : labels.length / (classes * count)));
}

/** Yields progress, returns the rows of both splits: tokens, or with a frozen body the features computed once. */
async function* prepareRows(
  model: Classifier,
  data: TrainData,
  signal: AbortSignal,
): AsyncGenerator<TrainEvent, { train: Rows; validation: Rows }> {
  if (model.method !== 'head')
    return { train: tokenRows(model, data.train), validation: tokenRows(model, data.validation) };
  const all = [...data.train, ...data.validation];
  const features = new Array<Float32Array>(all.length);
  // Longest first, so that each piece pads little; small pieces, so that progress is seen.
  const order = all
    .map((_, i) => i)
    .sort((a, b) => must(all[b], 'example').ids.length - must(all[a], 'example').ids.length);
  const PIECE = 64;
  for (let at = 0; at < order.length; at += PIECE) {
    yield { type: 'phase', phase: 'features', done: at, total: all.length };
    const piece = order.slice(at, at + PIECE);
    const computed = await model.features(
      piece.map((i) => must(all[i], 'example')),
      { signal },
    );
    piece.forEach((i, k) => (features[i] = must(computed[k], 'features')));
  }
  yield { type: 'phase', phase: 'features', done: all.length, total: all.length };
  const cut = data.train.length;
  return {
    train: featureRows(model, data.train, features.slice(0, cut)),
    validation: featureRows(model, data.validation, features.slice(cut)),
  };
}

/** Throws `bad-config` for settings that do not fit the task, `cancelled`. */
export async function* classification(
  given: FineTuneModel,
  data: TrainData,
  config: LabelConfig,
  signal: AbortSignal,
): Made {
  if (!(given instanceof Classifier)) throw new TabtuneError('internal', 'This model was not built by the engine.');
  const model = given;
  const task = TASKS[model.task];
  const objective = task.objective({
    classWeights: classWeights(
      config,
      model.task,
      data.train.map(({ label }) => label),
      model.outputs,
    ),
    labelSmoothing: model.task === 'single-label' ? config.labelSmoothing : 0,
  });
  const { train, validation: held } = yield* prepareRows(model, data, signal);
  const learned = (label: LabelValue): LabelValue => asLearned(model, label);
  if (model.headPassedOver) {
    const [asked, came] = model.targets.log ? ['logarithms', 'numbers'] : ['numbers', 'logarithms'];
    const message = `This model came with a head that answers ${came}, of no use for ${asked}: a new one was drawn.`;
    yield { type: 'note', message };
  }
  // Runs of earlier versions learned numbers as they are.
  if (model.task === 'regression' && model.headFromCheckpoint && model.targets !== IN_UNIT)
    yield* bringIntoUnit(
      model,
      data.train.map(({ label }) => Number(learned(label))),
      (rows) =>
        model.predictRows(
          rows.map((row) => must(train.lengths[row], 'length')),
          (places) => train.input(places.map((place) => must(rows[place], 'row'))),
          { signal },
        ),
    );
  return {
    weights: model,
    lengths: train.lengths,
    row: (item) => train.row(item),
    prepare(group, dropout) {
      const micro = group.map((items) => ({
        input: train.input(items),
        targets: task.collate(items.map((i) => learned(train.label(i)))),
      }));
      return model.prepare(micro, objective, dropout);
    },
    extras: objective.extras,
    validates: data.validation.length > 0,
    validate: (signal) => validation(model, held, signal),
    better: isBetter,
  };
}

/** A label as the loss takes it. */
const asLearned = ({ task, targets }: Classifier, label: LabelValue): LabelValue =>
  task === 'regression' && typeof label === 'number' ? learnedOf(targets, label) : label;

/** Loss and headline metric of the validation rows: the loss as it is in training, the metric in the data's unit. */
async function validation(model: Classifier, rows: Rows, signal: AbortSignal): Promise<ValidationFigures> {
  const count = rows.lengths.length;
  const indices = Array.from({ length: count }, (_, i) => i);
  const labels = indices.map((i) => rows.label(i));
  const logits = await model.predictRows(rows.lengths, (some) => rows.input(some), { signal });
  const loss = meanLoss(
    model.task,
    labels.map((label) => asLearned(model, label)),
    logits,
  );
  const headline = HEADLINE[model.task];
  const metricValue = headline.of(
    taskMetrics(
      model.task,
      model.labels,
      labels,
      logits.map((row) => model.answer(row)),
    ),
  );
  return { loss, metricName: headline.name, metricValue };
}
