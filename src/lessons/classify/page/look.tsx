/** A few fixed rows and what the model says about them while it learns. */
import { Badge, Table, Text } from '@mantine/core';
import { useMemo } from 'react';
import { figureInWords } from '../../../domain/figures';
import { formatPercent } from '../../../ui/format';
import { ScrollTable } from '../../../ui/scroll-table';
import { Section } from '../../../ui/section';
import { lookSchema } from '../shared/asked';

export function Look({ step, seen }: { step: number; seen: unknown }) {
  const rows = useMemo(() => lookSchema.parse(seen), [seen]);
  // Numbers are neither right nor wrong.
  const regression = rows.every(({ correct }) => correct === null);
  return (
    <Section
      title="What it says now"
      about={`The same few rows again and again, as it learns: this is the model of step ${step}.`}
    >
      <ScrollTable label="Watched rows">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Text</Table.Th>
            <Table.Th scope="col">Should be</Table.Th>
            <Table.Th scope="col">It says</Table.Th>
            {!regression && <Table.Th scope="col">How sure</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.row}>
              <Table.Td style={{ minWidth: 180, maxWidth: 460, overflowWrap: 'anywhere' }}>
                <Text size="sm" lineClamp={2}>
                  {row.text}
                </Text>
                {row.textPair !== undefined && (
                  <Text size="sm" c="dimmed" lineClamp={2}>
                    {row.textPair}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>{regression ? figureInWords(Number(row.expected)) : row.expected}</Table.Td>
              <Table.Td>
                {regression ? (
                  figureInWords(row.probabilities[0] ?? NaN)
                ) : (
                  <Badge variant="light" color={row.correct ? 'pine' : 'red'} tt="none" size="lg">
                    {row.correct ? '✓' : '✗'} {row.predicted || 'none'}
                  </Badge>
                )}
              </Table.Td>
              {!regression && <Table.Td>{formatPercent(Math.max(...row.probabilities), 0)}</Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </ScrollTable>
    </Section>
  );
}
