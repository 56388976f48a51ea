/** One file: what it is for, the button that builds it, what the replay found, and the download. */
import { Alert, Badge, Button, Code, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useResults } from '../../store';
import type { BuiltExport } from '../../store/results';
import type { ExportOffer } from '../../worker/link/protocol';
import { formatBytes, formatNumber, plural } from '../../ui/format';
import { Icon } from '../../ui/icons';
import { JobProgress } from '../../ui/job-progress';
import classes from './export-card.module.css';

export function ExportCard({ offer: { id, title, forWhom, about, use } }: { offer: ExportOffer }) {
  const { exports, build, building, job } = useResults();
  const made = exports[id];
  return (
    <Paper component="section" aria-label={title} withBorder p="lg">
      <Stack gap="sm" h="100%">
        <Group justify="space-between" gap="xs">
          <Title order={2} size="h4">
            {title}
          </Title>
          <Badge variant="light" color="gray" tt="none">
            {forWhom}
          </Badge>
        </Group>
        <Text size="sm">{about}</Text>
        {use && <Code style={{ overflowWrap: 'anywhere' }}>{use}</Code>}
        {building === id && job && <JobProgress {...job} onCancel={job.cancel} />}
        {made ? (
          <Made made={made} />
        ) : (
          <Group mt="auto">
            <Button
              variant="default"
              disabled={job !== null}
              onClick={() => void build(id)}
              aria-label={`Build: ${title}`}
            >
              Build the file
            </Button>
          </Group>
        )}
      </Stack>
    </Paper>
  );
}

function Made({ made }: { made: BuiltExport }) {
  return (
    <>
      {made.replay && (
        <Alert color="pine" role="status" icon={<Icon name="evaluate" />}>
          Read back and tried on {plural(made.replay.rows, 'held-out row')}: the largest difference between its{' '}
          {made.replay.figure} and the model’s is {formatNumber(made.replay.largestDifference)}.
        </Alert>
      )}
      {made.files.length > 1 && (
        <details className={classes.files}>
          <summary>{made.files.length} files inside</summary>
          <ul>
            {made.files.map((file) => (
              <li key={file.path}>
                {file.path} <span className="tt-numbers">({formatBytes(file.bytes)})</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      <Group mt="auto">
        <Button
          component="a"
          href={made.url}
          download={made.fileName}
          leftSection={<Icon name="export" size={18} />}
          aria-label={`Download ${made.fileName}`}
        >
          Download, {formatBytes(made.blob.size)}
        </Button>
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {made.fileName}
        </Text>
      </Group>
    </>
  );
}
