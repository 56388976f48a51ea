/** The test rows behind one cell of the confusion matrix. */
import { Modal, Stack, Table, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useResults } from '../../../store';
import { useAsked } from '../../../store/use-asked';
import { ErrorNotice } from '../../../ui/error-notice';
import { formatPercent, plural } from '../../../ui/format';
import { ScrollTable } from '../../../ui/scroll-table';
import { cellRowsSchema, type CellRequest, type CellRow } from '../shared/asked';

/** Indices of the label that is right and of the one that was answered. */
export type Cell = CellRequest;

export function CellRows({ labels, cell, onClose }: { labels: string[]; cell: Cell | null; onClose: () => void }) {
  return (
    <Modal.Root opened={cell !== null} onClose={onClose} size="xl">
      <Modal.Overlay />
      <Modal.Content>
        {/* A dialog's head is no banner of the page. */}
        <Modal.Header role="presentation">
          <Modal.Title fw={650}>Rows of this cell</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </Modal.Header>
        <Modal.Body>{cell && <Rows labels={labels} cell={cell} />}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Rows({ labels, cell }: { labels: string[]; cell: Cell }) {
  const askRun = useResults((state) => state.askRun);
  const { answer: rows, error } = useAsked(
    useMemo(() => async (): Promise<CellRow[]> => cellRowsSchema.parse(await askRun('cellRows', cell)), [cell, askRun]),
  );
  if (error) return <ErrorNotice error={error} />;
  if (!rows) return null;
  const [is, answered] = [labels[cell.actual] ?? '', labels[cell.predicted] ?? ''];
  return (
    <Stack>
      <Text size="sm">
        {plural(rows.length, 'test row')} labelled <strong>{is}</strong>{' '}
        {cell.actual === cell.predicted ? (
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
