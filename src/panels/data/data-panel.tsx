/** The data step: what was found, how it is read, what is wrong with it, and how it is split. */
import { Button, FileButton, Group } from '@mantine/core';
import { Suspense, useEffect } from 'react';
import { fetchPages, useLessonPage } from '../../lessons/pages';
import { go, takeFiles, useData, useUi } from '../../store';
import { DATA_FORMATS, DATA_TYPES } from '../../store/catalogue';
import { filesOfPicker } from '../../store/drop';
import { EmptyNotice } from '../../ui/empty-notice';
import { ErrorNotice } from '../../ui/error-notice';
import { FolderButton } from '../../ui/folder-button';
import { JobProgress } from '../../ui/job-progress';
import { PASTE_KEYS } from '../../ui/keys';
import { PanelHeading, Section } from '../../ui/section';
import { FileReading } from './file-reading';
import { Files } from './files';
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
          <Files info={info} />
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
        <Group justify="center">
          <FileButton multiple accept={DATA_TYPES} onChange={(files) => void takeFiles(filesOfPicker(files))}>
            {(props) => <Button {...props}>Choose files</Button>}
          </FileButton>
          <FolderButton
            variant="default"
            label="Folder of data"
            onPick={(files) => void takeFiles(filesOfPicker(files))}
          >
            Choose a folder
          </FolderButton>
          <Button variant="default" onClick={() => open({ kind: 'paste' })}>
            Paste a table
          </Button>
          <Button variant="subtle" component="a" href="#/start">
            Pick a sample
          </Button>
        </Group>
      }
    >
      No data yet. Drop files or a folder anywhere ({DATA_FORMATS}, also packed as ZIP or GZ), or press {PASTE_KEYS} to
      paste a table.
    </EmptyNotice>
  );
}
