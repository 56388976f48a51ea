/** The evaluation step: the base model and the fine-tuned one on rows that neither has seen. */
import { Button, Group } from '@mantine/core';
import { isLanguageEvaluation } from '../../domain/language-evaluation';
import { isLanguageRun } from '../../domain/run';
import { useResults } from '../../store/results';
import { go } from '../../store/ui';
import { EmptyNotice } from '../../ui/empty-notice';
import { ErrorNotice } from '../../ui/error-notice';
import { plural } from '../../ui/format';
import { JobProgress } from '../../ui/job-progress';
import { PanelHeading, Section } from '../../ui/section';
import { ClassTable } from './class-table';
import { Comparison } from './comparison';
import { ConfusionMatrix } from './confusion-matrix';
import { Mistakes } from './mistakes';
import { WritingReport } from './writing-report';

export function EvaluatePanel() {
  const { run, evaluation, job, building, error, evaluate } = useResults();
  const working = job !== null && building === null;
  return (
    <>
      <PanelHeading title="Evaluate" about="How good it is on the test rows, which were put aside before training." />
      {error && <ErrorNotice error={error} />}
      {!run && (
        <EmptyNotice
          action={
            <Button component="a" href="#/train">
              Train a model
            </Button>
          }
        >
          There is no finished run yet.
        </EmptyNotice>
      )}
      {working && (
        <Section title={job.label}>
          <JobProgress {...job} onCancel={job.cancel} />
        </Section>
      )}
      {run && !evaluation && !working && (
        <EmptyNotice action={<Button onClick={() => void evaluate()}>Try the test rows</Button>}>
          {plural(run.splitRows.test, 'test row')} wait for the fine-tuned model.
        </EmptyNotice>
      )}
      {run && evaluation && isLanguageEvaluation(evaluation) && (
        <>
          <WritingReport evaluation={evaluation} />
          <Group justify="flex-end">
            <Button onClick={() => go('try')}>Next: ask it yourself</Button>
          </Group>
        </>
      )}
      {run && !isLanguageRun(run) && evaluation && !isLanguageEvaluation(evaluation) && (
        <>
          <Comparison evaluation={evaluation} />
          {evaluation.tuned.task !== 'regression' && (
            <ClassTable
              tuned={evaluation.tuned.perClass}
              base={evaluation.baseline.metrics.task === 'regression' ? [] : evaluation.baseline.metrics.perClass}
            />
          )}
          {evaluation.tuned.task === 'single-label' && (
            <ConfusionMatrix labels={run.labels} counts={evaluation.tuned.confusion} />
          )}
          <Mistakes mistakes={evaluation.mistakes} regression={evaluation.tuned.task === 'regression'} />
          <Group justify="flex-end">
            <Button onClick={() => go('try')}>Next: try it yourself</Button>
          </Group>
        </>
      )}
    </>
  );
}
