/** Privacy: what left this tab, what this browser keeps and where, and the way to delete all of it. */
import { Button, Group, Stack, Table, Text, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import { session, useDevice, useOffline, useStorage, useUi } from '../../store';
import { offlineBytes } from '../../store/offline';
import type { StorageReport } from '../../worker/link/protocol';
import { ErrorNotice } from '../../ui/error-notice';
import { formatBytes, plural } from '../../ui/format';
import { ScrollTable } from '../../ui/scroll-table';

export function PrivacyDialog() {
  return (
    <Stack>
      <Left />
      <Kept />
    </Stack>
  );
}

function Left() {
  const { sentBytes, receivedBytes } = useDevice();
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        What left this tab
      </Title>
      <Text size="sm">
        <strong data-testid="sent">{formatBytes(sentBytes)}</strong> sent to other addresses since this page was opened
        {`, ${formatBytes(receivedBytes)} received in all. `}
        Every request of this page and of its worker is counted: its address and what it carries. Looking up a model on
        a hub is the only thing that sends anything, and it sends the model’s name.
      </Text>
      <Text size="sm" c="dimmed">
        The page policy forbids connections to any address but this one and the model hub. Rows, labels, file names and
        texts that you try stay here.
      </Text>
    </Stack>
  );
}

interface Place {
  what: string;
  where: string;
  bytes: number;
}

/** What is kept, by place; sizes that have not been measured yet are left out. */
function placesOf(report: StorageReport | null, settings: number, offline: number | null): Place[] {
  const sum = (list: readonly { bytes: number }[]): number => list.reduce((bytes, one) => bytes + one.bytes, 0);
  const files = report?.durable ? 'Private file system (OPFS)' : 'Memory of this tab';
  return [
    ...(report
      ? [
          { what: plural(report.datasets.length, 'data set'), where: files, bytes: sum(report.datasets) },
          { what: plural(report.runs.length, 'run'), where: files, bytes: sum(report.runs) },
          ...(report.unfinished.length > 0
            ? [
                {
                  what: plural(report.unfinished.length, 'unfinished run'),
                  where: files,
                  bytes: sum(report.unfinished),
                },
              ]
            : []),
          { what: 'Models', where: files, bytes: report.modelCacheBytes },
        ]
      : []),
    { what: 'Settings and corrected answers', where: 'localStorage', bytes: settings },
    ...(offline === null ? [] : [{ what: 'The app itself, for use offline', where: 'Cache storage', bytes: offline }]),
  ];
}

const OFFLINE_WORDS = {
  off: 'This page needs the network to open again.',
  fetching: 'The files for use without a network are being fetched.',
  ready:
    'This page works without a network, samples and the small model included; a large one once it has been picked.',
} as const;

function Kept() {
  const { report, error, refresh } = useStorage();
  const open = useUi((state) => state.open);
  const state = useOffline((offline) => offline.state);
  const [offline, setOffline] = useState<number | null>(null);
  useEffect(() => {
    void refresh();
    void offlineBytes().then(setOffline);
  }, [refresh, state]);
  return (
    <Stack gap="sm">
      <Title order={3} size="h5">
        What this browser keeps, and where
      </Title>
      {error && <ErrorNotice error={error} />}
      <ScrollTable label="What this browser keeps" maxHeight={480}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>What</Table.Th>
            <Table.Th>Where</Table.Th>
            <Table.Th>Size</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {placesOf(report, session.bytes(), offline).map(({ what, where, bytes }) => (
            <Table.Tr key={`${what} ${where}`}>
              <Table.Td>{what}</Table.Td>
              <Table.Td>{where}</Table.Td>
              <Table.Td>{formatBytes(bytes)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </ScrollTable>
      <Text size="sm" c="dimmed">
        {report &&
          `The browser itself counts ${formatBytes(report.usedBytes)}, its index of data sets and runs ` +
            '(IndexedDB) included. '}
        {OFFLINE_WORDS[state]}
      </Text>
      <Group>
        <Button variant="default" onClick={() => open({ kind: 'settings' })}>
          Delete single items in the settings
        </Button>
        <Button color="red" variant="outline" onClick={() => open({ kind: 'clear-everything' })}>
          Delete everything …
        </Button>
      </Group>
    </Stack>
  );
}
