/** Which columns hold what a model that writes learns from, in words and as choices. */
import { NativeSelect, SimpleGrid } from '@mantine/core';
import type { ReactNode } from 'react';
import type { DatasetInfo } from '../../../domain/dataset';
import { useData } from '../../../store';
import { Section } from '../../../ui/section';
import { WithNames } from '../../../ui/with-names';
import { ROLE_NAMES, type Layout, type Role, type WritingMapping } from '../shared/columns';
import { Repairs } from './repairs';

const NONE = '';

export interface RoleChoicesProps {
  info: DatasetInfo;
  busy: boolean;
  mapping: WritingMapping;
  layout: Layout;
  /** A choice that stands before the columns. */
  children?: ReactNode;
}

export function RoleChoices({ info, busy, mapping, layout: { needs, may }, children }: RoleChoicesProps) {
  const setMapping = useData((state) => state.setMapping);
  const optional = (label: string) => [
    { value: NONE, label },
    ...info.columns.map((column) => ({ value: column, label: column })),
  ];
  const setColumn = (role: Role, column: string): void => {
    const columns = { ...mapping.columns, [role]: column };
    if (column === NONE) delete columns[role];
    const next: WritingMapping = { ...mapping, columns };
    void setMapping(next);
  };
  return (
    <Section title="How it is read" about={<WithNames text={info.mappingInWords} />}>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {children}
        {[...needs, ...may].map((role) => (
          <NativeSelect
            key={role}
            label={ROLE_NAMES[role].name}
            description={`${ROLE_NAMES[role].about}${needs.includes(role) ? '' : ' Not needed.'}`}
            disabled={busy}
            value={mapping.columns[role] ?? NONE}
            data={optional('None')}
            onChange={(event) => setColumn(role, event.currentTarget.value)}
          />
        ))}
        <NativeSelect
          label="Given split"
          description="A column that says train, validation or test."
          disabled={busy}
          value={mapping.split ?? NONE}
          data={optional('None: split here')}
          onChange={(event) => void setMapping({ ...mapping, split: event.currentTarget.value || null })}
        />
      </SimpleGrid>
      <Repairs info={info} busy={busy} mapping={mapping} />
    </Section>
  );
}
