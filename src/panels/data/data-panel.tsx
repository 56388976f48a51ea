/** The data step: what was found, how it is read, what is wrong with it, and how it is split. */
import { Button, FileButton, Group } from '@mantine/core';
import { Suspense, useEffect } from 'react';
import { fetchPages, useLessonPage } from '../../lessons/pages';
import { go, takeFiles, useData, useUi } from '../../store';
import { filesOfPicker } from '../../store/intake';
import { EmptyNotice } from '../../ui/empty-notice';
import { ErrorNotice } from '../../ui/error-notice';
import { JobProgress } from '../../ui/job-progress';
import { PanelHeading, Section } from '../../ui/section';
import { FileReading } from './file-reading';
import { Health } from './health';
import { LabelBalance } from './label-balance';
import { Reading } from './reading';
import { RowsTable } from './rows-table';
import { SplitEditor } from './split-editor';
import { Summary } from './summary';

export function DataPanel() {
  const { info, job, error } = useData();
  const page = useLessonPage(info?.mapping.lesson);
  // Before data are open, or read otherwise: what they show then is to be there at once.
  useEffect(() => void fetchPages(), []);
  return (
    <>
      <PanelHeading
        title="Data"
        about="What the model will learn from: texts with labels, or questions with answers."
      />
      {error && <ErrorNotice error={error} />}
      {job && (
        <Section title={job.label}>
          <JobProgress {...job} onCancel={job.cancel} />
        </Section>
      )}
      {!info && !job && <NoData />}
      {info && (
        <>
          <Summary info={info} />
          <FileReading info={info} busy={job !== null} />
          <Reading info={info} busy={job !== null} />
          {page && (
            <Suspense fallback={null}>
              <page.Mapping key={info.id} info={info} busy={job !== null} />
            </Suspense>
          )}
          <Health info={info} />
          <LabelBalance info={info} />
          <RowsTable info={info} />
          <SplitEditor key={JSON.stringify([info.id, info.split])} info={info} busy={job !== null} />
          <Group justify="flex-end">
            <Button onClick={() => go('model')} disabled={info.health.blocker !== null}>
              Next: choose a model
            </Button>
          </Group>
        </>
      )}
    </>
  );
}

function NoData() {
  const open = useUi((state) => state.open);
  return (
    <EmptyNotice
      action={
        <Group>
          <FileButton onChange={(file) => file && void takeFiles(filesOfPicker([file]))}>
            {(props) => <Button {...props}>Choose a file</Button>}
          </FileButton>
          <Button variant="default" onClick={() => open({ kind: 'paste' })}>
            Paste a table
          </Button>
          <Button variant="subtle" component="a" href="#/start">
            Pick a sample
          </Button>
        </Group>
      }
    >
      No data yet. Drop a CSV, TSV, JSON or JSONL file, or plain text, anywhere.
    </EmptyNotice>
  );
}
