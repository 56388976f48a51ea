/** One data row in full: its cells, what is wrong with it, and exactly what the chosen model sees of it. */
import { Alert, Badge, Group, Stack } from '@mantine/core';
import { useCallback } from 'react';
import { useLessonPage } from '../../lessons/pages';
import { useData } from '../../store';
import { useAsked } from '../../store/use-asked';
import { ErrorNotice } from '../../ui/error-notice';
import classes from './row-dialog.module.css';

export function RowDialog({ row }: { row: number }) {
  const { info, fetchRow } = useData();
  const page = useLessonPage(info?.mapping.lesson);
  const { answer: view, error } = useAsked(useCallback(() => fetchRow(row), [row, fetchRow]));
  if (error) return <ErrorNotice error={error} />;
  if (!view || !info) return null;
  return (
    <Stack>
      {view.issue && (
        <Alert color="yellow" title="This row is left out">
          {view.issue.message}
          {info.source.format === 'files' && ` It is row ${view.issue.row} of ${view.issue.file}.`}
        </Alert>
      )}
      <Group gap="xs">
        {view.split && <Badge variant="light">{view.split}</Badge>}
        {view.duplicateOf !== null && <Badge variant="light" color="gray">{`repeats row ${view.duplicateOf}`}</Badge>}
      </Group>
      <dl className={classes.cells}>
        {info.columns.map((column, index) => (
          <div key={column}>
            <dt>{column}</dt>
            <dd>{view.cells[index]}</dd>
          </div>
        ))}
      </dl>
      {!view.issue && page && <page.RowSeen row={row} />}
    </Stack>
  );
}
