/** The questions before something is deleted for good. */
import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useResults, useStorage, useUi, useUnfinished } from '../../store';
import { ErrorNotice } from '../../ui/error-notice';

function Question({ children, confirm, onConfirm }: { children: ReactNode; confirm: string; onConfirm: () => void }) {
  const closeDialog = useUi((state) => state.closeDialog);
  return (
    <Stack>
      <Text size="sm">{children}</Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={closeDialog} data-autofocus>
          Keep
        </Button>
        <Button color="red.9" onClick={onConfirm}>
          {confirm}
        </Button>
      </Group>
    </Stack>
  );
}

export function DeleteRunDialog({ id, name }: { id: string; name: string }) {
  const closeDialog = useUi((state) => state.closeDialog);
  const remove = useResults((state) => state.remove);
  return (
    <Question confirm="Delete the run" onConfirm={() => void remove(id).then(closeDialog)}>
      “{name}” and its trained weights are removed from this browser. Files that you downloaded stay where they are.
    </Question>
  );
}

export function DeleteUnfinishedDialog({ id, name }: { id: string; name: string }) {
  const closeDialog = useUi((state) => state.closeDialog);
  const remove = useUnfinished((state) => state.remove);
  return (
    <Question confirm="Delete the run" onConfirm={() => void remove(id).then(closeDialog)}>
      What “{name}” has learned so far is removed from this browser; it cannot go on then. The data set stays.
    </Question>
  );
}

export function ClearEverythingDialog() {
  const { clearEverything, error } = useStorage();
  return (
    <Stack>
      {error && <ErrorNotice error={error} />}
      <Question confirm="Delete everything" onConfirm={() => void clearEverything()}>
        All data sets, runs, downloaded models and settings are removed from this browser, and the page starts anew.
      </Question>
    </Stack>
  );
}
