/** A run that was interrupted: how far it got, and the way to go on. */
import { Badge, Button, Group, Paper, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { UnfinishedRun } from '../domain/run';
import { formatBytes, formatCount, formatDate, plural } from './format';
import { METHOD_WORDS } from './words';

export interface UnfinishedCardProps {
  run: UnfinishedRun;
  /** The backend in use now; on another one than the run began on its last digits may come out otherwise. */
  backend: string | null;
  disabled: boolean;
  onResume: () => void;
  onDelete: () => void;
  /** More that can be done with it. */
  children?: ReactNode;
}

export function UnfinishedCard({
  run: { start, step, totalSteps, savedAt, bytes },
  backend,
  disabled,
  onResume,
  onDelete,
  children,
}: UnfinishedCardProps) {
  const elsewhere = backend !== null && backend !== start.backend;
  return (
    <Paper component="article" withBorder p="md" aria-label={`Unfinished: ${start.name}`}>
      <Group justify="space-between" align="flex-start">
        <div style={{ minWidth: 0, flex: '1 1 260px' }}>
          <Group gap="xs">
            <Title order={2} size="h5" style={{ overflowWrap: 'anywhere' }}>
              {start.name}
            </Title>
            <Badge variant="light">{METHOD_WORDS[start.config.method].name}</Badge>
            <Badge variant="light" color="yellow">
              Unfinished
            </Badge>
          </Group>
          <Text size="sm" c="dimmed">
            {`Kept at step ${formatCount(step)} of ${formatCount(totalSteps)} · ${formatDate(savedAt)} · `}
            {start.model.name} · {plural(start.splitRows.train, 'training row')} · {formatBytes(bytes)}
          </Text>
          <Text size="sm" mt={4}>
            {elsewhere
              ? `It began on ${start.device}. On another device it goes on all the same, but its last digits may ` +
                'differ.'
              : 'It goes on exactly as if it had never stopped.'}
          </Text>
        </div>
        <Group gap="xs">
          <Button
            size="sm"
            disabled={disabled}
            onClick={onResume}
            aria-label={`Resume at step ${formatCount(step)}: ${start.name}`}
          >
            Resume at step {formatCount(step)}
          </Button>
          <Button
            size="sm"
            variant="subtle"
            color="red"
            disabled={disabled}
            onClick={onDelete}
            aria-label={`Delete the unfinished run ${start.name}`}
          >
            Delete
          </Button>
          {children}
        </Group>
      </Group>
    </Paper>
  );
}
