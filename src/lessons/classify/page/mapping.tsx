/** How the columns are read, in words and as choices. */
import { NativeSelect, SimpleGrid } from '@mantine/core';
import { useMemo } from 'react';
import type { DatasetInfo } from '../../../domain/dataset';
import type { TaskKind } from '../../../domain/task';
import { useData } from '../../../store';
import { Section } from '../../../ui/section';
import { WithNames } from '../../../ui/with-names';
import { mappingSchema, type ClassifyMapping } from '../shared/schema';
import { withLabel, withTask } from '../shared/with-task';
import { TASK_WORDS } from '../shared/words';
import { ColumnChecks } from './column-checks';
import { CellChoices, type ChoiceProps } from './cell-choices';

const NONE = '';
/** More columns than this are joined by the button under Health alone. */
const MOST_CHECKS = 100;
const TASKS: readonly TaskKind[] = ['single-label', 'multi-label', 'regression'];

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
    if (task) void setMapping(withTask(mapping, task, info));
  };
  const parts = { mapping, columns, busy, change };
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
        <TextChoices {...parts} />
        {mapping.labelLayout !== 'one-hot' && <LabelChoice {...parts} />}
        <CellChoices {...parts} />
        <NativeSelect
          label="Given split"
          description="A column that says train, validation or test."
          disabled={busy}
          value={mapping.split ?? NONE}
          data={optional('None: split here', columns)}
          onChange={(event) => change(withPart(mapping, { split: event.currentTarget.value }))}
        />
      </SimpleGrid>
      <Columns {...parts} />
    </Section>
  );
}

type Parts = ChoiceProps & { columns: string[] };

function TextChoices({ mapping, columns, busy, change }: Parts) {
  return (
    <>
      <NativeSelect
        label="Text"
        description="What the model reads."
        disabled={busy}
        value={mapping.text}
        data={columns}
        onChange={(event) => change(withPart(mapping, { text: event.currentTarget.value }))}
      />
      <NativeSelect
        label="Second text"
        description="Only for pairs of sentences."
        disabled={busy}
        value={mapping.textPair ?? NONE}
        data={optional('None', columns)}
        onChange={(event) => change(withPart(mapping, { textPair: event.currentTarget.value }))}
      />
    </>
  );
}

/** Choices of several columns. */
function Columns({ mapping, columns, busy, change }: Parts) {
  const { text, textPair, split, labels, joined, labelLayout } = mapping;
  const taken = [text, textPair, split, ...labels];
  const joinable = columns.filter((column) => !taken.includes(column));
  return (
    <>
      {labelLayout === 'one-hot' && (
        <ColumnChecks
          label="Label columns"
          description="Each holds 0 or 1."
          note="At least one column stays chosen."
          value={labels}
          columns={columns.filter((column) => column !== text && column !== textPair)}
          busy={busy}
          onChange={(chosen) => chosen.length && change({ labels: chosen })}
        />
      )}
      {joinable.length > 0 && joinable.length <= MOST_CHECKS && (
        <ColumnChecks
          label="Joined into the text"
          description={`Each as a line “name: value” after that of “${text}”.`}
          value={joined}
          columns={joinable}
          busy={busy}
          onChange={(chosen) => change({ joined: chosen })}
        />
      )}
    </>
  );
}

/** A column that has a part of its own is not joined to the text. */
const withPart = (
  { joined }: ClassifyMapping,
  part: Partial<Record<'text' | 'textPair' | 'split', string>>,
): Partial<ClassifyMapping> => ({
  ...Object.fromEntries(Object.entries(part).map(([name, column]) => [name, column || null])),
  joined: joined.filter((column) => !Object.values(part).includes(column)),
});

function LabelChoice({ mapping, columns, busy, change }: Parts) {
  return (
    <NativeSelect
      label={mapping.task === 'regression' ? 'Number' : 'Label'}
      description="What the model should answer."
      disabled={busy}
      value={mapping.labels[0] ?? NONE}
      data={columns}
      onChange={(event) => {
        change(withLabel(mapping, event.currentTarget.value));
      }}
    />
  );
}
