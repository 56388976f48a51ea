/** Takes a project file that was exported here or in another browser. */
import { Button, FileButton, Group, Text } from '@mantine/core';
import { useProjects } from '../../store';
import { ErrorNotice } from '../../ui/error-notice';
import { JobProgress } from '../../ui/job-progress';

export function BringIn() {
  const { job, error, bringIn } = useProjects();
  return (
    <>
      {error && <ErrorNotice error={error} />}
      {job ? (
        <JobProgress
          label={job.label}
          done={job.done}
          total={job.total}
          unit={job.unit}
          startedAt={job.startedAt}
          onCancel={job.cancel}
        />
      ) : (
        <Group gap="sm">
          <FileButton accept=".zip,application/zip" onChange={(file) => file && void bringIn(file)}>
            {(props) => (
              <Button {...props} variant="default">
                Import a project
              </Button>
            )}
          </FileButton>
          <Text size="sm" c="dimmed" style={{ flex: '1 1 240px' }}>
            A project file holds a run with its data, settings, figures and weights; its base model is named, not
            packed.
          </Text>
        </Group>
      )}
    </>
  );
}
