/** The files that a data set is made of: rows of each, what reading it had to say, and what was left out. */
import { Button, Group, Table, Text } from '@mantine/core';
import { kindOfName } from '../../data/parts/kinds';
import type { DatasetInfo, FilePart, FilesLeftOut } from '../../domain/dataset';
import { useData, useIntake } from '../../store';
import { formatCount, plural } from '../../ui/format';
import { ScrollTable } from '../../ui/scroll-table';
import { Section } from '../../ui/section';

/** More files than these are counted, not listed. */
const LISTED = 100;

export function Files({ info }: { info: DatasetInfo }) {
  const { parts = [], leftOut = [] } = info.source;
  if (parts.length === 0 && leftOut.length === 0) return null;
  return (
    <Section title="Files" about="What the rows come from, and what was dropped too and is not read.">
      {parts.length > 0 && <Parts parts={parts} />}
      {leftOut.map((group) => (
        <LeftOut key={group.why} group={group} />
      ))}
    </Section>
  );
}

function Parts({ parts }: { parts: readonly FilePart[] }) {
  return (
    <ScrollTable label="Files of the data set">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>File</Table.Th>
          <Table.Th>Rows</Table.Th>
          <Table.Th>How it was read</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {parts.slice(0, LISTED).map(({ file, rows, words, warnings }) => (
          <Table.Tr key={file}>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{file}</Table.Td>
            <Table.Td>{formatCount(rows)}</Table.Td>
            <Table.Td>
              {words}
              {warnings.map((warning) => (
                <Text key={warning} size="sm" c="dimmed">
                  {warning}
                </Text>
              ))}
            </Table.Td>
          </Table.Tr>
        ))}
        {parts.length > LISTED && (
          <Table.Tr>
            <Table.Td colSpan={3}>and {plural(parts.length - LISTED, 'more file')}</Table.Td>
          </Table.Tr>
        )}
      </Table.Tbody>
    </ScrollTable>
  );
}

/** Whether a file that was left out could be a table. */
const mayBeOpened = (path: string): boolean => kindOfName(path).kind !== 'none';

/** Files left out for one reason; their names on demand, and a way to open one that was dropped too. */
function LeftOut({ group: { why, count, names } }: { group: FilesLeftOut }) {
  const { data, openAlone } = useIntake();
  const busy = useData((state) => state.job !== null);
  const tables = data.map(({ path }) => path).filter((path) => names.includes(path) && mayBeOpened(path));
  return (
    <details>
      <summary>
        <Text span size="sm">
          {plural(count, 'file')} left out: {why}
        </Text>
      </summary>
      <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {names.join(', ')}
        {count > names.length && ` and ${formatCount(count - names.length)} more`}
      </Text>
      <Group gap="xs" mt={4}>
        {tables.map((path) => (
          <Button key={path} size="compact-xs" variant="default" disabled={busy} onClick={() => void openAlone(path)}>
            Open {path} instead
          </Button>
        ))}
      </Group>
    </details>
  );
}
