/** Several columns to be chosen. */
import { Checkbox, Group, Stack, Text } from '@mantine/core';

export function ColumnChecks({
  label,
  description,
  note,
  value,
  columns,
  busy,
  onChange,
}: {
  label: string;
  description: string;
  note?: string;
  value: readonly string[];
  columns: readonly string[];
  busy: boolean;
  onChange: (value: string[]) => void;
}) {
  return (
    <Stack mt="md" gap={4}>
      <Checkbox.Group
        label={label}
        description={description}
        value={[...value]}
        onChange={(chosen) => onChange(columns.filter((column) => chosen.includes(column)))}
      >
        <Group mt="xs" gap="md">
          {columns.map((column) => (
            <Checkbox key={column} value={column} label={column} disabled={busy} />
          ))}
        </Group>
      </Checkbox.Group>
      {note !== undefined && (
        <Text size="xs" c="dimmed">
          {note}
        </Text>
      )}
    </Stack>
  );
}
