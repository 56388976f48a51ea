/** How questions with answers, conversations or texts are read from the columns. */
import { NativeSelect } from '@mantine/core';
import { useMemo } from 'react';
import type { DatasetInfo } from '../../../domain/dataset';
import { useData } from '../../../store';
import type { RoleColumns } from '../shared/columns';
import { LAYOUTS, LAYOUT_NAMES, mappingSchema, type AnswerLayout, type AnswerMapping } from '../shared/schema';
import { LAYOUT_WORDS } from '../shared/words';
import { RoleChoices } from './role-choices';

/** The mapping in another layout: what both have stays, what the new one needs takes the columns that are free. */
function withLayout(mapping: AnswerMapping, layout: AnswerLayout, names: readonly string[]): AnswerMapping {
  const { needs, may } = LAYOUTS[layout];
  const columns: RoleColumns = {};
  for (const role of [...needs, ...may]) if (mapping.columns[role] !== undefined) columns[role] = mapping.columns[role];
  const free = names.filter((name) => name !== mapping.split && !Object.values(columns).includes(name));
  for (const role of needs) {
    const next = columns[role] ?? free.shift();
    if (next !== undefined) columns[role] = next;
  }
  return { ...mapping, layout, columns };
}

export function Mapping({ info, busy }: { info: DatasetInfo; busy: boolean }) {
  const setMapping = useData((state) => state.setMapping);
  const mapping = useMemo(() => mappingSchema.parse(info.mapping), [info.mapping]);
  const change = (wanted: string): void => {
    const layout = LAYOUT_NAMES.find((name) => name === wanted);
    if (layout) void setMapping(withLayout(mapping, layout, info.columns));
  };
  return (
    <RoleChoices info={info} busy={busy} mapping={mapping} layout={LAYOUTS[mapping.layout]}>
      <NativeSelect
        label="A row holds"
        description="How the conversations are laid out."
        disabled={busy}
        value={mapping.layout}
        data={LAYOUT_NAMES.map((value) => ({ value, label: LAYOUT_WORDS[value] }))}
        onChange={(event) => change(event.currentTarget.value)}
      />
    </RoleChoices>
  );
}
