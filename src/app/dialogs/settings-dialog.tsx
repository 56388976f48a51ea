/** Settings: where models are looked up, what trains, and what this browser keeps. */
import {
  Button,
  Divider,
  Group,
  NativeSelect,
  NumberInput,
  Stack,
  Switch,
  Table,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useEffect, useState } from 'react';
import type { BackendName } from '../../domain/device';
import { isBusy } from '../../domain/run';
import { useDevice, useSafety, useStorage, useTraining, useUi } from '../../store';
import { DEFAULT_HUB } from '../../store/session';
import { ErrorNotice } from '../../ui/error-notice';
import { formatBytes } from '../../ui/format';
import { ScrollTable } from '../../ui/scroll-table';

const BACKENDS: { value: 'measured' | BackendName; label: string }[] = [
  { value: 'measured', label: 'The fastest, as measured' },
  { value: 'webgpu', label: 'GPU (WebGPU)' },
  { value: 'wasm', label: 'CPU (WebAssembly)' },
  { value: 'cpu', label: 'CPU (plain JavaScript, slow)' },
];

export function SettingsDialog() {
  return (
    <Stack>
      <HubAddress />
      <BackendChoice />
      <Safety />
      <Divider />
      <Storage />
    </Stack>
  );
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:/.test(text);
}

function HubAddress() {
  const { hubUrl, setHubUrl } = useDevice();
  const [text, setText] = useState(hubUrl);
  const valid = isWebAddress(text);
  return (
    <Group align="flex-end" gap="sm">
      <TextInput
        label="Address of the model hub"
        description={
          'The Hugging Face Hub, or a server of the same layout at this page’s own address: the page ' +
          'policy allows no other.'
        }
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={valid ? null : 'An address begins with https:// or http://'}
        inputMode="url"
        spellCheck={false}
        style={{ flex: '1 1 260px' }}
      />
      <Button
        variant="default"
        disabled={!valid || text === hubUrl}
        onClick={() => void setHubUrl(text.replace(/\/+$/, ''))}
      >
        Save
      </Button>
      {hubUrl !== DEFAULT_HUB && (
        <Button
          variant="subtle"
          onClick={() => {
            setText(DEFAULT_HUB);
            void setHubUrl(DEFAULT_HUB);
          }}
        >
          Back to the default
        </Button>
      )}
    </Group>
  );
}

function BackendChoice() {
  const { report, chooseBackend } = useDevice();
  const training = useTraining((state) => isBusy(state.status));
  const usable = (value: string): boolean =>
    value === 'measured' || (report?.backends.some(({ backend, usable: can }) => backend === value && can) ?? false);
  return (
    <NativeSelect
      label="Train on"
      description={
        training ? 'Cannot change while a run is under way.' : 'By default a short measurement at the start decides.'
      }
      disabled={training || !report}
      value={report?.chosenBy === 'override' ? report.chosen : 'measured'}
      data={BACKENDS.map((choice) => ({ ...choice, disabled: !usable(choice.value) }))}
      onChange={(event) => {
        const chosen = BACKENDS.find(({ value }) => value === event.currentTarget.value)?.value;
        if (chosen) void chooseBackend(chosen === 'measured' ? null : chosen);
      }}
    />
  );
}

/** How well a run is guarded while it learns. */
function Safety() {
  const { checkpointSeconds, setCheckpointSeconds, keepAwake, setKeepAwake } = useSafety();
  return (
    <>
      <NumberInput
        label="Keep a run’s progress at least every … seconds"
        description={
          'A reload, a crash or a power cut loses no more than this. Keeping never takes more than about ' +
          'a tenth of the time.'
        }
        min={1}
        max={600}
        clampBehavior="strict"
        allowDecimal={false}
        value={checkpointSeconds}
        onChange={(value) => {
          if (Number(value) >= 1) void setCheckpointSeconds(Number(value));
        }}
      />
      <Switch
        label="Keep the screen on while a run learns"
        description="Many devices fall asleep with their screen, and training with them."
        checked={keepAwake}
        onChange={(event) => setKeepAwake(event.currentTarget.checked)}
      />
    </>
  );
}

/** What is kept, each with how to delete it. */
function useKept() {
  const { report, deleteDataset, deleteRun, deleteUnfinished, clearModelCache } = useStorage();
  return [
    ...(report?.datasets.map((one) => ({
      key: `d${one.id}`,
      what: 'Data',
      name: one.name,
      bytes: one.bytes,
      remove: () => deleteDataset(one.id),
    })) ?? []),
    ...(report?.runs.map((one) => ({
      key: `r${one.id}`,
      what: 'Run',
      name: one.name,
      bytes: one.bytes,
      remove: () => deleteRun(one.id),
    })) ?? []),
    ...(report?.unfinished.map((one) => ({
      key: `u${one.id}`,
      what: 'Unfinished run',
      name: one.name,
      bytes: one.bytes,
      remove: () => deleteUnfinished(one.id),
    })) ?? []),
    ...(report?.modelCacheBytes
      ? [
          {
            key: 'models',
            what: 'Models',
            name: 'Downloaded and dropped models',
            bytes: report.modelCacheBytes,
            remove: clearModelCache,
          },
        ]
      : []),
  ];
}

function Storage() {
  const persisted = useSafety((state) => state.persisted);
  const { report, error, refresh } = useStorage();
  const open = useUi((state) => state.open);
  useEffect(() => {
    void refresh();
  }, [refresh]);
  const rows = useKept();
  return (
    <Stack gap="sm">
      <Title order={3} size="h5">
        Kept in this browser
      </Title>
      {error && <ErrorNotice error={error} />}
      {report && (
        <Text size="sm" c="dimmed">
          {report.durable
            ? `${formatBytes(report.usedBytes)} in use` +
              `${report.quotaBytes === null ? '' : ` of ${formatBytes(report.quotaBytes)} that the browser grants`}. ` +
              (persisted
                ? 'The browser has promised to keep it.'
                : 'The browser may delete it when the disk runs full.')
            : 'This browser keeps nothing (a private window?): data and runs last as long as the tab.'}
        </Text>
      )}
      {rows.length > 0 && (
        <ScrollTable label="Kept in this browser" maxHeight={260}>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.key}>
                <Table.Td>{row.what}</Table.Td>
                <Table.Td>{row.name}</Table.Td>
                <Table.Td>{formatBytes(row.bytes)}</Table.Td>
                <Table.Td>
                  <Button
                    size="compact-xs"
                    variant="default"
                    onClick={() => void row.remove()}
                    aria-label={`Delete ${row.what.toLowerCase()} “${row.name}”`}
                  >
                    Delete
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </ScrollTable>
      )}
      <Group>
        <Button color="red" variant="outline" onClick={() => open({ kind: 'clear-everything' })}>
          Delete everything …
        </Button>
      </Group>
    </Stack>
  );
}
