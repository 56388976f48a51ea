/** One line for each step: what it knows, or what is still missing. */
import type { DatasetInfo } from '../domain/dataset';
import { parametersInWords, type ModelInfo } from '../domain/model';
import { isBusy, type RunStatus, type RunSummary } from '../domain/run';
import { lessonOf } from '../lessons/index';
import { fitProblem } from './effective-config';
import type { StepName } from './routes';

export interface StepLine {
  text: string;
  state: 'done' | 'ready' | 'working' | 'missing' | 'problem';
}

/** What the lines are made of. */
export interface Known {
  data: DatasetInfo | null;
  dataBusy: boolean;
  model: ModelInfo | null;
  modelBusy: boolean;
  status: RunStatus;
  progress: { step: number; totalSteps: number } | null;
  run: RunSummary | null;
  /** The lesson's report on the test rows; null before there is one. */
  evaluation: unknown;
  builtExports: number;
}

const count = (value: number, noun: string): string => `${value.toLocaleString('en')} ${noun}${value === 1 ? '' : 's'}`;

export function stepLines(known: Known): Record<StepName, StepLine> {
  return {
    start: { text: 'Drop data or pick a sample', state: known.data ? 'done' : 'ready' },
    data: dataLine(known),
    model: modelLine(known),
    train: trainLine(known),
    evaluate: evaluateLine(known),
    try: known.run
      ? { text: lessonOf(known.run.mapping).lines.tryIt, state: 'ready' }
      : { text: 'After training', state: 'missing' },
    export: exportLine(known),
  };
}

function dataLine({ data, dataBusy }: Known): StepLine {
  if (dataBusy) return { text: 'Reading …', state: 'working' };
  if (!data) return { text: 'No data yet', state: 'missing' };
  if (data.health.blocker !== null) return { text: 'Needs a change', state: 'problem' };
  return { text: lessonOf(data.mapping).dataLine(data), state: 'done' };
}

function modelLine({ model, modelBusy }: Known): StepLine {
  if (modelBusy) return { text: 'Loading …', state: 'working' };
  if (!model) return { text: 'No model yet', state: 'missing' };
  return { text: `${model.name}, ${parametersInWords(model.parameters)} parameters`, state: 'done' };
}

function trainLine({ data, model, status, progress, run }: Known): StepLine {
  if (status === 'paused') return { text: `Paused at step ${progress?.step ?? 0}`, state: 'working' };
  if (isBusy(status))
    return { text: progress ? `Step ${progress.step} of ${progress.totalSteps}` : 'Preparing …', state: 'working' };
  if (run) return { text: `Trained in ${count(run.steps.length, 'step')}`, state: 'done' };
  if (status === 'failed') return { text: 'Stopped by an error', state: 'problem' };
  if (!data || data.health.blocker !== null)
    return { text: model ? 'Needs data' : 'Needs data and a model', state: 'missing' };
  if (fitProblem(data, model)) return { text: 'Data and model do not fit', state: 'problem' };
  return model ? { text: 'Ready to start', state: 'ready' } : { text: 'Needs a model', state: 'missing' };
}

function evaluateLine({ run, evaluation }: Known): StepLine {
  if (!run) return { text: 'After training', state: 'missing' };
  if (evaluation === null) return { text: 'Test rows not tried yet', state: 'ready' };
  const { text } = lessonOf(run.mapping).headline(evaluation, run.mapping, (value) => value.toFixed(2));
  return { text, state: 'done' };
}

function exportLine({ run, builtExports }: Known): StepLine {
  if (!run) return { text: 'After training', state: 'missing' };
  return builtExports
    ? { text: `${count(builtExports, 'file')} built`, state: 'done' }
    : { text: 'Take the model with you', state: 'ready' };
}
