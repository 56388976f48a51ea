/** The answers that were wrong, the surest first: often a mislabelled row. */
import { Button, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { figureInWords } from '../../../domain/figures';
import { formatPercent } from '../../../ui/format';
import { ScrollTable } from '../../../ui/scroll-table';
import { Section } from '../../../ui/section';
import type { MistakenRow } from '../shared/schema';

const FIRST = 8;

export function Mistakes({ mistakes, regression }: { mistakes: MistakenRow[]; regression: boolean }) {
  const [all, setAll] = useState(false);
  const said = (answer: string): string => (regression ? figureInWords(Number(answer)) : answer);
  if (!mistakes.length)
    return (
      <Section title="Mistakes">
        <Text size="sm">None on the test rows.</Text>
      </Section>
    );
  return (
    <Section
      title={regression ? 'Furthest off' : 'Most confident mistakes'}
      about={
        regression
          ? 'The rows with the largest error first.'
          : 'Wrong and sure of it: worth a look, because such rows are often labelled wrongly.'
      }
    >
      <ScrollTable label={regression ? 'Furthest off' : 'Most confident mistakes'}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Row</Table.Th>
            <Table.Th scope="col">Text</Table.Th>
            <Table.Th scope="col">{regression ? 'Target' : 'Label'}</Table.Th>
            <Table.Th scope="col">Answer</Table.Th>
            <Table.Th scope="col">{regression ? 'Off by' : 'How sure'}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {mistakes.slice(0, all ? undefined : FIRST).map((row) => (
            <Table.Tr key={row.row}>
              <Table.Td>{row.row}</Table.Td>
              <Table.Td style={{ minWidth: 200, overflowWrap: 'anywhere' }}>
                <Text size="sm" lineClamp={3}>
                  {row.text}
                </Text>
                {row.textPair !== undefined && (
                  <Text size="sm" c="dimmed" lineClamp={3}>
                    {row.textPair}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>{said(row.expected)}</Table.Td>
              <Table.Td>{said(row.predicted)}</Table.Td>
              <Table.Td>{regression ? figureInWords(row.confidence) : formatPercent(row.confidence, 0)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </ScrollTable>
      {mistakes.length > FIRST && (
        <Button mt="sm" size="compact-sm" variant="subtle" onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show all ${mistakes.length}`}
        </Button>
      )}
    </Section>
  );
}
