/** A head that came with a checkpoint may answer in another unit than the numbers that are to be learned. */
import { must } from '../../base/assert';
import { figureInWords } from '../../domain/figures';
import { mean } from '../../domain/metric-formulas';
import type { TrainEvent } from '../../domain/run';
import { fromFloat32, toFloat32 } from '../../formats/dtype';
import type { NamedTensor } from '../../formats/tensor';
import type { Classifier } from '../classifier';

/** Mean squared error, in deviations of the numbers, from which on a head knows nothing of their unit. */
const FAR_OFF = 4;
/** Training rows that it is asked for. */
const ASKED = 256;

/** The line through `answers` that comes nearest to `wanted`: least squares. */
function bestLine(answers: readonly number[], wanted: readonly number[]): { slope: number; shift: number } {
  const [centre, level] = [mean(answers), mean(wanted)];
  const squares = mean(answers.map((answer) => (answer - centre) ** 2));
  const common = mean(answers.map((answer, i) => (answer - centre) * (must(wanted[i]) - level)));
  const slope = squares > 0 ? common / squares : 0;
  return { slope, shift: level - slope * centre };
}

/** A layer whose answers lie on this line of those that it gave. */
function along(
  { name, shape, ...tensor }: NamedTensor,
  { slope, shift }: { slope: number; shift: number },
): NamedTensor {
  const values = toFloat32({ name, shape, ...tensor });
  const offset = name.endsWith('.bias') ? shift : 0;
  return fromFloat32(
    name,
    shape,
    values.map((value) => value * slope + offset),
  );
}

/**
 * Brings a head that is far off all numbers onto them by the best straight line, and says so; one that answers about
 * right stays as it is, so that a run goes on where the one before ended.
 * @param wanted the numbers of training rows as they are learned
 * @param answer what the model says of these rows now, as it learns
 */
export async function* bringIntoUnit(
  model: Classifier,
  wanted: readonly number[],
  answer: (rows: readonly number[]) => Promise<Float32Array[]>,
): AsyncGenerator<TrainEvent, void> {
  const step = Math.max(1, Math.ceil(wanted.length / ASKED));
  const rows = [...wanted.keys()].filter((row) => row % step === 0);
  const answers = (await answer(rows)).map((row) => must(row[0], 'answer'));
  const targets = rows.map((row) => must(wanted[row], 'number'));
  const error = mean(answers.map((value, i) => (value - must(targets[i])) ** 2));
  if (!(error > FAR_OFF)) return;
  const line = bestLine(answers, targets);
  const layer = (await model.trained()).filter(({ name }) => model.lastLayer.has(name));
  model.restore(new Map(layer.map((tensor) => [tensor.name, along(tensor, line)])));
  const off = figureInWords(Math.sqrt(error));
  yield {
    type: 'note',
    message:
      `The head that came with this model answers in another unit: it is off by about ${off} standard deviations of ` +
      'these numbers. It was brought onto them by the best straight line before the first step.',
  };
}
