/** The test rows behind one cell of the confusion matrix. */
import { Stack, Table, Text } from '@mantine/core';
import { useCallback } from 'react';
import { isLanguageRun } from '../../domain/run';
import { useResults } from '../../store/results';
import { ErrorNotice } from '../../ui/error-notice';
import { formatPercent, plural } from '../../ui/format';
import { ScrollTable } from '../../ui/scroll-table';
import { useAsked } from './use-asked';

export function CellDialog({ actual, predicted }: { actual: number; predicted: number }) {
  const { run, cellRows } = useResults();
  const { answer: rows, error } = useAsked(
    useCallback(() => cellRows(actual, predicted), [actual, predicted, cellRows]),
  );
  if (error) return <ErrorNotice error={error} />;
  if (!rows || !run || isLanguageRun(run)) return null;
  const [is, answered] = [run.labels[actual] ?? '', run.labels[predicted] ?? ''];
  return (
    <Stack>
      <Text size="sm">
        {plural(rows.length, 'test row')} labelled <strong>{is}</strong>{' '}
        {actual === predicted ? (
          'and answered so.'
        ) : (
          <>
            but answered <strong>{answered}</strong>.
          </>
        )}
      </Text>
      <ScrollTable label="Rows of this cell" maxHeight={420}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Row</Table.Th>
            <Table.Th scope="col">Text</Table.Th>
            <Table.Th scope="col">Confidence</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.row}>
              <Table.Td>{row.row}</Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere', minWidth: 180 }}>
                {row.text}
                {row.textPair !== undefined && (
                  <Text size="sm" c="dimmed">
                    {row.textPair}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>{formatPercent(row.confidence, 0)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </ScrollTable>
    </Stack>
  );
}
