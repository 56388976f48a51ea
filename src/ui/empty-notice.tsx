/** What stands where something is still missing: one sentence and the way to get it. */
import { Paper, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

export function EmptyNotice({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <Paper p="xl" withBorder style={{ borderStyle: 'dashed' }}>
      <Stack align="center" gap="md">
        <Text c="dimmed" ta="center">
          {children}
        </Text>
        {action}
      </Stack>
    </Paper>
  );
}
