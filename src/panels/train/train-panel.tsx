/** The training step: choose a method, start, and watch it learn. */
import { Button, Group } from '@mantine/core';
import { Suspense, useDeferredValue, useEffect } from 'react';
import { isBusy } from '../../domain/run';
import { useLessonPage, type LessonParts } from '../../lessons/pages';
import { useData, useModel, useTraining } from '../../store';
import { fitProblem } from '../../store/effective-config';
import { useConfig } from '../../store/use-config';
import { fetchCharts } from '../../ui/charts/chart-card';
import { EmptyNotice } from '../../ui/empty-notice';
import { ErrorNotice } from '../../ui/error-notice';
import { Later } from '../../ui/later';
import { PanelHeading } from '../../ui/section';
import { Charts } from './charts';
import { Controls } from './controls';
import { GpuLossNotice } from './gpu-loss-notice';
import { MethodCards } from './method-cards';
import { LearningNotice } from './learning-notice';
import { Notes } from './notes';
import { RunFigures } from './run-figures';
import { Settings } from './settings';
import { SmallerBatch } from './smaller-batch';
import { StartCard } from './start-card';
import { Unfinished } from './unfinished';

export function TrainPanel() {
  const effective = useConfig();
  const data = useData((state) => state.info);
  const model = useModel((state) => state.info);
  const misfit = fitProblem(data, model);
  // Deferred: to put one half of the page in the place of the other takes long, and would hold up the answer to the
  // press of a button.
  const status = useDeferredValue(useTraining((state) => state.status));
  const error = useTraining((state) => state.error);
  const unsaved = useTraining((state) => state.unsaved);
  const hasSteps = useTraining((state) => state.steps.length > 0);
  const page = useLessonPage(data?.mapping.lesson);
  // Before a run: what is fetched and read while it trains takes several times as long.
  useEffect(() => void fetchCharts(), []);
  const busy = isBusy(status);
  const running = busy || hasSteps;
  return (
    <>
      <PanelHeading
        title="Train"
        about="The model reads the training rows again and again, and is corrected a little at every step."
      />
      {!effective && (misfit ? <Misfit {...misfit} /> : <Missing />)}
      {error && <ErrorNotice error={error}>{error.code === 'out-of-memory' && !busy && <SmallerBatch />}</ErrorNotice>}
      {unsaved && <ErrorNotice error={unsaved} />}
      {!busy && <Unfinished />}
      {running && (
        <>
          <Controls />
          <GpuLossNotice />
          <RunFigures />
          <Notes />
          <LearningNotice />
          <Later>
            <Charts />
            <Seen page={page} />
          </Later>
        </>
      )}
      {effective && data && model && !busy && (
        <>
          <MethodCards data={data} model={model} />
          <StartCard effective={effective} data={data} model={model} />
          <Later>
            <Settings effective={effective} data={data} model={model} />
          </Later>
        </>
      )}
    </>
  );
}

/** What is seen while it learns. */
function Seen({ page }: { page: LessonParts | null }) {
  const look = useDeferredValue(useTraining((state) => state.look));
  if (!look || !page) return null;
  return (
    <Suspense fallback={null}>
      <page.Look step={look.step} seen={look.seen} />
    </Suspense>
  );
}

function Misfit({ message, fix }: { message: string; fix: string }) {
  return (
    <EmptyNotice
      action={
        <Group>
          <Button component="a" href="#/data">
            Change how the data are read
          </Button>
          <Button component="a" href="#/model" variant="default">
            Choose another model
          </Button>
        </Group>
      }
    >
      {message} {fix}
    </EmptyNotice>
  );
}

function Missing() {
  const data = useData((state) => state.info);
  const model = useModel((state) => state.info);
  const loading = useModel((state) => state.job !== null);
  return (
    <EmptyNotice
      action={
        <Group>
          {!data && (
            <Button component="a" href="#/data">
              Bring data
            </Button>
          )}
          {!model && (
            <Button component="a" href="#/model" variant={data ? 'filled' : 'default'}>
              Choose a model
            </Button>
          )}
        </Group>
      }
    >
      {loading
        ? 'The model is being loaded …'
        : data
          ? 'A model is still missing.'
          : model
            ? 'Data is still missing.'
            : 'Training needs data and a model.'}
    </EmptyNotice>
  );
}
