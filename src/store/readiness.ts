/** One line for each step: what it knows, or what is still missing. */
import { isLanguageMapping, type DatasetInfo, type LanguageLayout } from '../domain/dataset';
import { isLanguageEvaluation, type LanguageEvaluation } from '../domain/language-evaluation';
import { HEADLINE, type EvaluationReport } from '../domain/metrics';
import { parametersInWords, type ModelInfo } from '../domain/model';
import { isBusy, type RunStatus, type RunSummary } from '../domain/run';
import { isLanguageTask } from '../domain/task';
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
  evaluation: EvaluationReport | LanguageEvaluation | null;
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
      ? { text: isLanguageTask(known.run.task) ? 'Ask it something' : 'Type a text, see both answers', state: 'ready' }
      : { text: 'After training', state: 'missing' },
    export: exportLine(known),
  };
}

const LAYOUT_LINE: Record<LanguageLayout, string> = {
  messages: 'of conversation',
  prompt: 'of question and answer',
  text: 'of text',
  pair: 'of preferences',
};

function dataLine({ data, dataBusy }: Known): StepLine {
  if (dataBusy) return { text: 'Reading …', state: 'working' };
  if (!data) return { text: 'No data yet', state: 'missing' };
  if (data.health.blocker !== null) return { text: 'Needs a change', state: 'problem' };
  const { mapping } = data;
  if (isLanguageMapping(mapping))
    return { text: `${count(data.usableRows, 'row')} ${LAYOUT_LINE[mapping.layout]}`, state: 'done' };
  const what = mapping.task === 'regression' ? 'numbers' : count(data.labels.length, 'label');
  return { text: `${count(data.usableRows, 'example')}, ${what}`, state: 'done' };
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
  if (!evaluation) return { text: 'Test rows not tried yet', state: 'ready' };
  if (isLanguageEvaluation(evaluation))
    return {
      text: `Loss ${evaluation.before.loss.toFixed(2)} before, ${evaluation.after.loss.toFixed(2)} after`,
      state: 'done',
    };
  const { name, of } = HEADLINE[evaluation.tuned.task];
  const value = of(evaluation.tuned);
  const shown = evaluation.tuned.task === 'regression' ? value.toFixed(2) : `${(value * 100).toFixed(1)} %`;
  return { text: `${shown} ${name} on test rows`, state: 'done' };
}

function exportLine({ run, builtExports }: Known): StepLine {
  if (!run) return { text: 'After training', state: 'missing' };
  return builtExports
    ? { text: `${count(builtExports, 'file')} built`, state: 'done' }
    : { text: 'Take the model with you', state: 'ready' };
}
