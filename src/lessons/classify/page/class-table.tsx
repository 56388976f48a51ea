/** Precision, recall and F1 for each label, sortable by any column. */
import { Table, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { ClassMetrics } from '../../../domain/metrics';
import { formatCount, formatPercent } from '../../../ui/format';
import { ScrollTable } from '../../../ui/scroll-table';
import { Section } from '../../../ui/section';
import classes from './class-table.module.css';

type Column = 'label' | 'precision' | 'recall' | 'f1' | 'baseF1' | 'support';
type Row = ClassMetrics & { baseF1: number };

const COLUMNS: { key: Column; name: string; means: string }[] = [
  { key: 'label', name: 'Label', means: '' },
  { key: 'precision', name: 'Precision', means: 'Of the rows it gave this label, the share that has it.' },
  { key: 'recall', name: 'Recall', means: 'Of the rows with this label, the share it found.' },
  { key: 'f1', name: 'F1', means: 'Precision and recall in one figure (their harmonic mean).' },
  { key: 'baseF1', name: 'F1 before', means: 'F1 of what it is compared with.' },
  { key: 'support', name: 'Rows', means: 'Test rows with this label (support).' },
];

const SORTED = { none: '', ascending: ' ▲', descending: ' ▼' } as const;

export function ClassTable({ tuned, base }: { tuned: ClassMetrics[]; base: ClassMetrics[] }) {
  const [sort, setSort] = useState<{ key: Column; down: boolean }>({ key: 'f1', down: false });
  const baseF1 = new Map(base.map(({ label, f1 }) => [label, f1]));
  const rows: Row[] = tuned.map((row) => ({ ...row, baseF1: baseF1.get(row.label) ?? 0 }));
  rows.sort((a, b) => {
    const order = sort.key === 'label' ? a.label.localeCompare(b.label) : a[sort.key] - b[sort.key];
    return sort.down ? -order : order;
  });
  return (
    <Section title="Label by label" about="Click a heading to sort by it.">
      <ScrollTable label="Figures for each label" maxHeight={460}>
        <Table.Thead>
          <Table.Tr>
            {COLUMNS.map(({ key, name, means }) => {
              const state = sort.key !== key ? 'none' : sort.down ? 'descending' : 'ascending';
              return (
                <Table.Th key={key} scope="col" aria-sort={state}>
                  <UnstyledButton
                    className={classes.heading}
                    title={means}
                    onClick={() => setSort({ key, down: sort.key === key && !sort.down })}
                  >
                    {name}
                    <span aria-hidden="true">{SORTED[state]}</span>
                  </UnstyledButton>
                </Table.Th>
              );
            })}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.label}>
              <Table.Th scope="row" style={{ overflowWrap: 'anywhere', minWidth: 110 }}>
                {row.label}
              </Table.Th>
              <Table.Td>{formatPercent(row.precision)}</Table.Td>
              <Table.Td>{formatPercent(row.recall)}</Table.Td>
              <Table.Td>
                <strong>{formatPercent(row.f1)}</strong>
              </Table.Td>
              <Table.Td>{formatPercent(row.baseF1)}</Table.Td>
              <Table.Td>{formatCount(row.support)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </ScrollTable>
    </Section>
  );
}
