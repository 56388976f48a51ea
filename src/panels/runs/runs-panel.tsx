/** All runs that this browser keeps, unfinished ones first. */
import { Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import { isBusy, type RunSummary, type UnfinishedRun } from '../../domain/run';
import { lessonOf } from '../../lessons/index';
import { go, openRun, useDevice, useResults, useTraining, useUi, useUnfinished } from '../../store';
import { EmptyNotice } from '../../ui/empty-notice';
import { ErrorNotice } from '../../ui/error-notice';
import { formatDate, formatDuration, formatNumber, plural } from '../../ui/format';
import { PanelHeading } from '../../ui/section';
import { UnfinishedCard } from '../../ui/unfinished-card';
import { METHOD_WORDS } from '../../ui/words';
import { BringIn } from './bring-in';
import { RunMenu } from './run-menu';

export function RunsPanel() {
  const { runs, run: current, error, list } = useResults();
  const { runs: unfinished, error: unfinishedError, list: listUnfinished } = useUnfinished();
  const [failed, setFailed] = useState<string | null>(null);
  useEffect(() => {
    void list();
    void listUnfinished();
  }, [list, listUnfinished]);
  return (
    <>
      <PanelHeading
        title="Runs"
        about="Runs with their settings, curves and weights, kept in this browser. One that was interrupted can go on."
      />
      <BringIn />
      {error && <ErrorNotice error={error} />}
      {failed !== null && <ErrorNotice error={{ code: 'storage', message: failed }} />}
      {unfinishedError && <ErrorNotice error={unfinishedError} />}
      {runs?.length === 0 && unfinished.length === 0 && (
        <EmptyNotice>No runs yet. They appear here as they learn.</EmptyNotice>
      )}
      <Stack gap="sm">
        {unfinished.map((run) => (
          <Interrupted key={run.start.id} run={run} />
        ))}
        {runs?.map((run) => (
          <RunCard key={run.id} run={run} current={run.id === current?.id} onFailed={setFailed} />
        ))}
      </Stack>
    </>
  );
}

function Interrupted({ run }: { run: UnfinishedRun }) {
  const open = useUi((state) => state.open);
  const resumeRun = useTraining((state) => state.resumeRun);
  const busy = useTraining((state) => isBusy(state.status));
  const backend = useDevice((state) => state.report?.chosen ?? null);
  const resume = (): void => {
    go('train');
    void resumeRun(run.start.id);
  };
  return (
    <UnfinishedCard
      run={run}
      backend={backend}
      disabled={busy || backend === null}
      onResume={resume}
      onDelete={() => open({ kind: 'delete-unfinished', id: run.start.id, name: run.start.name })}
    >
      <RunMenu id={run.start.id} name={run.start.name} disabled={busy} />
    </UnfinishedCard>
  );
}

/** "95.3 % accuracy on test rows", or nothing when they have not been tried. */
function headline({ mapping, evaluation }: RunSummary): string | null {
  if (evaluation === null) return null;
  const { text, rest } = lessonOf(mapping).headline(evaluation, mapping, formatNumber);
  return text + rest;
}

function AboutRun({ run, current }: { run: RunSummary; current: boolean }) {
  return (
    <div style={{ minWidth: 0, flex: '1 1 260px' }}>
      <Group gap="xs">
        <Title order={2} size="h5" style={{ overflowWrap: 'anywhere' }}>
          {run.name}
        </Title>
        <Badge variant="light">{METHOD_WORDS[run.config.method].name}</Badge>
        {current && (
          <Badge variant="light" color="gray">
            Open now
          </Badge>
        )}
      </Group>
      <Text size="sm" c="dimmed">
        {formatDate(run.createdAt)} · {run.model.name} · {plural(run.splitRows.train, 'training row')} ·{' '}
        {plural(run.steps.length, 'step')} in {formatDuration(run.elapsedMs)} on {run.device}
      </Text>
      {headline(run) && (
        <Text size="sm" fw={600} mt={4}>
          {headline(run)}
        </Text>
      )}
    </div>
  );
}

function RunCard({
  run,
  current,
  onFailed,
}: {
  run: RunSummary;
  current: boolean;
  onFailed: (message: string | null) => void;
}) {
  const open = useUi((state) => state.open);
  const busy = useTraining((state) => isBusy(state.status));
  const [opening, setOpening] = useState(false);
  const show = async (): Promise<void> => {
    setOpening(true);
    const failed = await openRun(run.id);
    setOpening(false);
    onFailed(failed);
    if (failed === null) go('evaluate');
  };
  return (
    <Paper component="article" withBorder p="md" aria-label={run.name}>
      <Group justify="space-between" align="flex-start">
        <AboutRun run={run} current={current} />
        <Group gap="xs">
          <Button
            size="sm"
            variant="default"
            loading={opening}
            disabled={current || busy}
            onClick={() => void show()}
            aria-label={`Open the run ${run.name}`}
          >
            Open
          </Button>
          <Button
            size="sm"
            variant="subtle"
            color="red"
            disabled={busy && current}
            onClick={() => open({ kind: 'delete-run', id: run.id, name: run.name })}
            aria-label={`Delete the run ${run.name}`}
          >
            Delete
          </Button>
          <RunMenu id={run.id} name={run.name} disabled={busy && current} />
        </Group>
      </Group>
    </Paper>
  );
}
