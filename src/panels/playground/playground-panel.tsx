/** Try it: what the model says before and after, to what a person types. */
import { Button } from '@mantine/core';
import { Suspense } from 'react';
import { lessonOf, lessons } from '../../lessons/index';
import { useLessonPage } from '../../lessons/pages';
import { useResults } from '../../store';
import { EmptyNotice } from '../../ui/empty-notice';
import { ErrorNotice } from '../../ui/error-notice';
import { PanelHeading } from '../../ui/section';

export function PlaygroundPanel() {
  const { run, error } = useResults();
  const page = useLessonPage(run?.mapping.lesson);
  // Without a run the sentence is that of the first lesson.
  const { lines } = run ? lessonOf(run.mapping) : (lessons()[0] ?? {});
  return (
    <>
      <PanelHeading title="Try it" about={lines?.tryAbout} />
      {error && <ErrorNotice error={error} />}
      {run && page ? (
        <Suspense fallback={null}>
          <page.Try run={run} />
        </Suspense>
      ) : (
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
    </>
  );
}
