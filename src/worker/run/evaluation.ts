/**
 * The requests `evaluate` and `cellRows`: the untouched test rows, by the fine-tuned model and by what it is compared
 * with.
 */
import { must } from '../../base/assert';
import { TabtuneError } from '../../base/errors';
import type { LanguageEvaluation } from '../../domain/language-evaluation';
import type { EvaluationReport, MistakenRow, TaskMetrics } from '../../domain/metrics';
import { argMax } from '../../domain/metric-formulas';
import { baselineFor, meanLoss, taskMetrics } from '../../domain/metrics';
import type { Example } from '../../domain/task';
import type { LabelRunInHand } from '../../lessons/classify/worker/run';
import { predictRows } from '../../lessons/classify/worker/run';
import type { HeldOut } from '../../lessons/classify/worker/items';
import { labelsOf } from '../../lessons/classify/worker/items';
import { evaluateWriting } from '../../lessons/answer/worker/evaluate';
import type { CellRow } from '../link/protocol';
import type { Context } from '../link/server';
import type { Session } from '../session';
import { confidenceOf, isRight, labelInWords, predictionInWords } from '../../lessons/classify/worker/words';

const MOST_MISTAKES = 50;
const MOST_CELL_ROWS = 1000;

/** Figures of the test rows; kept with the run. Throws `bad-data` without test rows. */
export async function evaluate(session: Session, context: Context): Promise<EvaluationReport | LanguageEvaluation> {
  const run = session.requireRun();
  if (run.kind === 'label') {
    const evaluation = await evaluateLabels(session, run, context);
    run.summary = { ...run.summary, evaluation };
  } else {
    const evaluation = await evaluateWriting(session, run, context);
    run.summary = { ...run.summary, evaluation };
  }
  const { summary, replay } = run;
  const { id, createdAt } = summary;
  const storage = await session.storage();
  // A run that could not be saved, or has been deleted since, has no record to bring up to date; another tab may have
  // the only say.
  if (storage.writable && (await storage.run(id))) await storage.updateRun({ id, createdAt, summary, replay });
  return must(summary.evaluation, 'evaluation');
}

async function evaluateLabels(session: Session, run: LabelRunInHand, context: Context): Promise<EvaluationReport> {
  const startedAt = performance.now();
  const { data, logits } = await testLogits(session, run, context);
  return {
    testRows: data.test.length,
    baseline: await baseline(session, run, data, context),
    tuned: metricsOf(run, data, logits),
    mistakes: mistakes(run, data.testRows, logits),
    elapsedMs: performance.now() - startedAt,
  };
}

/** The test rows of a run with the fine-tuned model's logits, computed once. */
export async function testLogits(
  session: Session,
  run: LabelRunInHand,
  context: Context,
): Promise<{ data: HeldOut; logits: Float32Array[] }> {
  const data = await run.rows(session, context);
  if (data.test.length === 0)
    throw new TabtuneError('bad-data', 'There are no test rows to evaluate on.', {
      fix: 'Give the test split a share on the Data step and train again.',
    });
  run.testLogits ??= await predictRows(
    session,
    () => run.tuned(),
    data.test,
    context,
    'Evaluating the fine-tuned model',
  );
  return { data, logits: run.testLogits };
}

function metricsOf(run: LabelRunInHand, data: HeldOut, logits: Float32Array[]): TaskMetrics {
  const { task, labels } = run.summary;
  const expected = labelsOf(data.test);
  return taskMetrics(task, labels, expected, logits, meanLoss(task, expected, logits));
}

/** The checkpoint's own head where it has one, else what needs no reading at all. */
async function baseline(
  session: Session,
  run: LabelRunInHand,
  data: HeldOut,
  context: Context,
): Promise<EvaluationReport['baseline']> {
  const { task, labels } = run.summary;
  const ownHead = await session.engineTurns.take(async () => (await run.tuned()).headFromCheckpoint);
  if (!ownHead) return baselineFor(task, labels, data.trainLabels, labelsOf(data.test));
  const logits = await predictRows(session, () => run.before(), data.test, context, 'Evaluating the base model');
  return {
    kind: 'checkpoint-head',
    description: 'The base model as it came, with the head of its checkpoint.',
    metrics: metricsOf(run, data, logits),
  };
}

const textOf = ({ row, text, textPair }: Example): Pick<MistakenRow, 'row' | 'text' | 'textPair'> => ({
  row,
  text,
  ...(textPair === undefined ? {} : { textPair }),
});

/** One row as the lists show it. */
function judged(run: LabelRunInHand, example: Example, logits: Float32Array): MistakenRow {
  const { task, labels } = run.summary;
  return {
    ...textOf(example),
    expected: labelInWords(task, labels, example.label),
    predicted: predictionInWords(task, labels, logits).predicted,
    confidence: confidenceOf(task, example.label, logits),
  };
}

function mistakes(run: LabelRunInHand, rows: readonly Example[], logits: readonly Float32Array[]): MistakenRow[] {
  const { task } = run.summary;
  return rows
    .flatMap((example, i) => {
      const row = logits[i];
      return row && isRight(task, example.label, row) !== true ? [judged(run, example, row)] : [];
    })
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, MOST_MISTAKES);
}

/** Test rows of one cell of the confusion matrix, the surest first. */
export async function cellRows(
  session: Session,
  cell: { actual: number; predicted: number },
  context: Context,
): Promise<CellRow[]> {
  const run = session.requireLabelRun();
  if (run.summary.task !== 'single-label')
    throw new TabtuneError('bad-config', 'Only single-label runs have a confusion matrix.');
  const { data, logits } = await testLogits(session, run, context);
  return data.testRows
    .flatMap((example, i) => {
      const row = logits[i];
      return row && example.label === cell.actual && argMax(row) === cell.predicted ? [judged(run, example, row)] : [];
    })
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, MOST_CELL_ROWS);
}
