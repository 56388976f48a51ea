/** The evaluation step: the base model and the fine-tuned one on rows that neither has seen. */
import { Button } from '@mantine/core';
import { Suspense } from 'react';
import { useLessonPage } from '../../lessons/pages';
import { useResults } from '../../store';
import { EmptyNotice } from '../../ui/empty-notice';
import { ErrorNotice } from '../../ui/error-notice';
import { plural } from '../../ui/format';
import { JobProgress } from '../../ui/job-progress';
import { PanelHeading, Section } from '../../ui/section';

export function EvaluatePanel() {
  const { run, evaluation, job, building, error, evaluate } = useResults();
  const page = useLessonPage(run?.mapping.lesson);
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
      {run && evaluation === null && !working && (
        <EmptyNotice action={<Button onClick={() => void evaluate()}>Try the test rows</Button>}>
          {plural(run.splitRows.test, 'test row')} wait for the fine-tuned model.
        </EmptyNotice>
      )}
      {run && page && evaluation !== null && (
        <Suspense fallback={null}>
          <page.Report run={run} report={evaluation} />
        </Suspense>
      )}
    </>
  );
}
