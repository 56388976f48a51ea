/** The data step: what was found, how it is read, what is wrong with it, and how it is split. */
import { Button, FileButton, Group } from '@mantine/core';
import { isLanguageMapping } from '../../domain/dataset';
import { useData } from '../../store/data';
import { filesOfPicker, takeFiles } from '../../store/intake';
import { go, useUi } from '../../store/ui';
import { EmptyNotice } from '../../ui/empty-notice';
import { ErrorNotice } from '../../ui/error-notice';
import { JobProgress } from '../../ui/job-progress';
import { PanelHeading, Section } from '../../ui/section';
import { Health } from './health';
import { LabelBalance } from './label-balance';
import { LanguageMappingEditor } from './language-mapping-editor';
import { MappingEditor } from './mapping-editor';
import { Reading } from './reading';
import { RowsTable } from './rows-table';
import { SplitEditor } from './split-editor';
import { Summary } from './summary';

export function DataPanel() {
  const { info, job, error } = useData();
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
          <Reading info={info} busy={job !== null} />
          {isLanguageMapping(info.mapping) ? (
            <LanguageMappingEditor key={info.id} info={info} mapping={info.mapping} busy={job !== null} />
          ) : (
            <MappingEditor key={info.id} info={info} mapping={info.mapping} busy={job !== null} />
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
