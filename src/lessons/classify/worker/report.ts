/** The report on the test rows: the fine-tuned model, and what it is compared with. */
import type { Example } from '../../../domain/task';
import { baselineFor, meanLoss, taskMetrics } from '../../../domain/metrics';
import type { TaskMetrics } from '../../../domain/metrics';
import type { Call } from '../../../worker/session';
import type { EvaluationReport, MistakenRow } from '../shared/schema';
import type { HeldOut } from './rows';
import { labelsOf } from './rows';
import type { LabelRun } from './run';
import { predictRows } from './run';
import { confidenceOf, isRight, labelInWords, predictionInWords } from './words';

const MOST_MISTAKES = 50;

/** Throws `bad-data` without test rows, `cancelled`. */
export async function report(run: LabelRun, call: Call): Promise<EvaluationReport> {
  const startedAt = performance.now();
  const { data, logits } = await run.testLogits(call);
  return {
    testRows: data.test.length,
    baseline: await baseline(run, data, call),
    tuned: metricsOf(run, data, logits),
    mistakes: mistakes(run, data.testRows, logits),
    elapsedMs: performance.now() - startedAt,
  };
}

function metricsOf(run: LabelRun, data: HeldOut, logits: Float32Array[]): TaskMetrics {
  const { mapping, labels } = run.start;
  const expected = labelsOf(data.test);
  return taskMetrics(mapping.task, labels, expected, logits, meanLoss(mapping.task, expected, logits));
}

/** The checkpoint's own head where it has one, else what needs no reading at all. */
async function baseline(run: LabelRun, data: HeldOut, call: Call): Promise<EvaluationReport['baseline']> {
  const { mapping, labels } = run.start;
  const ownHead = await call.session.engineTurns.take(async () => (await run.tuned()).headFromCheckpoint);
  if (!ownHead) return baselineFor(mapping.task, labels, data.trainLabels, labelsOf(data.test));
  const logits = await predictRows(call, () => run.before(), data.test, 'Evaluating the base model');
  return {
    kind: 'checkpoint-head',
    description: 'The base model as it came, with the head of its checkpoint.',
    metrics: metricsOf(run, data, logits),
  };
}

/** One row as the lists show it. */
export function judged(run: LabelRun, { row, text, textPair, label }: Example, logits: Float32Array): MistakenRow {
  const { mapping, labels } = run.start;
  return {
    row,
    text,
    ...(textPair === undefined ? {} : { textPair }),
    expected: labelInWords(mapping.task, labels, label),
    predicted: predictionInWords(mapping.task, labels, logits).predicted,
    confidence: confidenceOf(mapping.task, label, logits),
  };
}

function mistakes(run: LabelRun, rows: readonly Example[], logits: readonly Float32Array[]): MistakenRow[] {
  const { task } = run.start.mapping;
  return rows
    .flatMap((example, i) => {
      const row = logits[i];
      return row && isRight(task, example.label, row) !== true ? [judged(run, example, row)] : [];
    })
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, MOST_MISTAKES);
}
