/** How the columns are read, in words and as choices. */
import { Checkbox, Group, NativeSelect, SimpleGrid, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import type { DatasetInfo } from '../../../domain/dataset';
import type { TaskKind } from '../../../domain/task';
import { useData } from '../../../store';
import { Section } from '../../../ui/section';
import { WithNames } from '../../../ui/with-names';
import { mappingSchema, type ClassifyMapping, type LabelLayout } from '../shared/schema';
import { TASK_WORDS } from '../shared/words';

const NONE = '';
const TASKS: readonly TaskKind[] = ['single-label', 'multi-label', 'regression'];

const LAYOUTS: { value: LabelLayout; label: string }[] = [
  { value: 'list', label: 'A list in one column (JSON, a|b or a;b)' },
  { value: 'one-hot', label: 'One column of 0 and 1 for each label' },
];

/** The mapping with another task; its labels fit the layout that the task needs. */
function withTask(mapping: ClassifyMapping, task: TaskKind, columns: readonly string[]): ClassifyMapping {
  const label = mapping.labels[0] ?? columns.find((column) => column !== mapping.text) ?? mapping.text;
  if (task === 'multi-label') return { ...mapping, task, labelLayout: mapping.labels.length > 1 ? 'one-hot' : 'list' };
  return { ...mapping, task, labelLayout: 'column', labels: [label] };
}

const optional = (label: string, columns: readonly string[]) => [
  { value: NONE, label },
  ...columns.map((column) => ({ value: column, label: column })),
];

export function Mapping({ info, busy }: { info: DatasetInfo; busy: boolean }) {
  const mapping = useMemo(() => mappingSchema.parse(info.mapping), [info.mapping]);
  const setMapping = useData((state) => state.setMapping);
  const { columns } = info;
  const change = (next: Partial<ClassifyMapping>): void => void setMapping({ ...mapping, ...next });
  const changeTask = (value: string): void => {
    const task = TASKS.find((one) => one === value);
    if (task) void setMapping(withTask(mapping, task, columns));
  };
  const oneHot = mapping.labelLayout === 'one-hot';
  return (
    <Section title="How it is read" about={<WithNames text={info.mappingInWords} />}>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        <NativeSelect
          label="Task"
          description={TASK_WORDS[mapping.task].about}
          disabled={busy}
          value={mapping.task}
          data={TASKS.map((task) => ({ value: task, label: TASK_WORDS[task].name }))}
          onChange={(event) => changeTask(event.currentTarget.value)}
        />
        <NativeSelect
          label="Text"
          description="What the model reads."
          disabled={busy}
          value={mapping.text}
          data={columns}
          onChange={(event) => change({ text: event.currentTarget.value })}
        />
        <NativeSelect
          label="Second text"
          description="Only for pairs of sentences."
          disabled={busy}
          value={mapping.textPair ?? NONE}
          data={optional('None', columns)}
          onChange={(event) => change({ textPair: event.currentTarget.value || null })}
        />
        {mapping.task === 'multi-label' && <LayoutChoice mapping={mapping} busy={busy} change={change} />}
        {!oneHot && <LabelChoice mapping={mapping} columns={columns} busy={busy} change={change} />}
        <NativeSelect
          label="Given split"
          description="A column that says train, validation or test."
          disabled={busy}
          value={mapping.split ?? NONE}
          data={optional('None: split here', columns)}
          onChange={(event) => change({ split: event.currentTarget.value || null })}
        />
      </SimpleGrid>
      {oneHot && (
        <LabelColumns mapping={mapping} columns={columns} busy={busy} onChange={(labels) => change({ labels })} />
      )}
    </Section>
  );
}

interface ChoiceProps {
  mapping: ClassifyMapping;
  busy: boolean;
  change: (next: Partial<ClassifyMapping>) => void;
}

function LabelChoice({ mapping, columns, busy, change }: ChoiceProps & { columns: string[] }) {
  return (
    <NativeSelect
      label={mapping.task === 'regression' ? 'Number' : 'Label'}
      description="What the model should answer."
      disabled={busy}
      value={mapping.labels[0] ?? NONE}
      data={columns}
      onChange={(event) => change({ labels: [event.currentTarget.value] })}
    />
  );
}

function LayoutChoice({ mapping, busy, change }: ChoiceProps) {
  return (
    <NativeSelect
      label="Labels are written as"
      description="How one row names several labels."
      disabled={busy}
      value={mapping.labelLayout}
      data={LAYOUTS}
      onChange={(event) => {
        const labelLayout = event.currentTarget.value === 'one-hot' ? 'one-hot' : 'list';
        change({ labelLayout, labels: labelLayout === 'list' ? mapping.labels.slice(0, 1) : mapping.labels });
      }}
    />
  );
}

function LabelColumns({
  mapping,
  columns,
  busy,
  onChange,
}: {
  mapping: ClassifyMapping;
  columns: readonly string[];
  busy: boolean;
  onChange: (labels: string[]) => void;
}) {
  return (
    <Stack mt="md" gap={4}>
      <Checkbox.Group
        label="Label columns"
        description="Each holds 0 or 1."
        value={mapping.labels}
        onChange={(labels) => labels.length && onChange(columns.filter((column) => labels.includes(column)))}
      >
        <Group mt="xs" gap="md">
          {columns
            .filter((column) => column !== mapping.text && column !== mapping.textPair)
            .map((column) => (
              <Checkbox key={column} value={column} label={column} disabled={busy} />
            ))}
        </Group>
      </Checkbox.Group>
      <Text size="xs" c="dimmed">
        At least one column stays chosen.
      </Text>
    </Stack>
  );
}
