/** What is worth knowing before training, each with its remedy where there is one. */
import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import { Suspense, useEffect, useState } from 'react';
import type { DatasetInfo, Mapping } from '../../domain/dataset';
import { useLessonPage } from '../../lessons/pages';
import { useData, useModel } from '../../store';
import { useConfig } from '../../store/use-config';
import { plural } from '../../ui/format';
import { Icon } from '../../ui/icons';
import { Section } from '../../ui/section';
import { WithNames } from '../../ui/with-names';
import classes from './health.module.css';

export function Health({ info }: { info: DatasetInfo }) {
  const { blocker, warnings, findings } = info.health;
  return (
    <Section title="Health">
      {blocker !== null && (
        <Alert color="red" role="alert" icon={<Icon name="warning" />} title="This cannot be trained on yet" mb="sm">
          {blocker}
        </Alert>
      )}
      {warnings.length > 0 && (
        <List
          spacing={6}
          size="sm"
          icon={
            <span className={classes.mark}>
              <Icon name="warning" size={16} />
            </span>
          }
        >
          {warnings.map((warning) => (
            <List.Item key={warning}>{warning}</List.Item>
          ))}
        </List>
      )}
      <Findings info={info} />
      {blocker === null && warnings.length === 0 && findings.length === 0 && (
        <Text size="sm">
          {info.issues.total
            ? `${plural(info.issues.total, 'row')} cannot be used and ${info.issues.total === 1 ? 'is' : 'are'} ` +
              'left out, with the reason below; nothing else stands out.'
            : 'Nothing stands out: every row can be used.'}
        </Text>
      )}
      <Duplicates info={info} />
      <Lengths info={info} />
    </Section>
  );
}

/** What was found that a button can change, and the way back after it was pressed. */
function Findings({ info }: { info: DatasetInfo }) {
  const { setMapping, job } = useData();
  const [before, setBefore] = useState<{ dataset: string; label: string; mapping: Mapping } | null>(null);
  const { findings } = info.health;
  const undo = before?.dataset === info.id ? before : null;
  if (findings.length === 0 && !undo) return null;
  return (
    <Stack gap="xs" mt="sm">
      {findings.map(({ text, action }) => (
        <Group key={text} gap="sm" justify="space-between" className={classes.finding}>
          <Text size="sm" className={classes.words}>
            <WithNames text={text} />
          </Text>
          {action && (
            <Button
              size="compact-sm"
              variant="default"
              disabled={job !== null}
              onClick={() => {
                setBefore({ dataset: info.id, label: action.label, mapping: info.mapping });
                void setMapping(action.mapping);
              }}
            >
              {action.label}
            </Button>
          )}
        </Group>
      ))}
      {undo && (
        <Group gap="sm" role="status">
          <Text size="sm">Done: {undo.label}.</Text>
          <Button
            size="compact-sm"
            variant="subtle"
            disabled={job !== null}
            onClick={() => {
              setBefore(null);
              void setMapping(undo.mapping);
            }}
          >
            Undo
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Duplicates({ info }: { info: DatasetInfo }) {
  const { setSplit, setFilter, job } = useData();
  const { duplicates } = info.health;
  if (!duplicates) return null;
  const { dropDuplicates } = info.split;
  return (
    <Group mt="sm" gap="sm">
      <Text size="sm">
        {dropDuplicates
          ? 'The repeats are left out.'
          : 'Repeats count more in training, and the test may hold a row that was learned.'}
      </Text>
      <Button
        size="compact-sm"
        variant="default"
        disabled={job !== null}
        onClick={() => void setSplit({ ...info.split, dropDuplicates: !dropDuplicates })}
      >
        {dropDuplicates ? 'Undo: use them again' : 'Leave repeats out'}
      </Button>
      <Button size="compact-sm" variant="subtle" onClick={() => setFilter('duplicates')}>
        Show them
      </Button>
    </Group>
  );
}

/** How the chosen model would read the rows, once there is a model to count with. */
function Lengths({ info }: { info: DatasetInfo }) {
  const model = useModel((state) => state.info);
  const { lengths, measureLengths } = useData();
  const config = useConfig()?.config;
  const page = useLessonPage(info.mapping.lesson);
  useEffect(() => {
    if (config && info.usableRows > 0) void measureLengths(config);
  }, [config, info, measureLengths]);
  if (!model || !config || !lengths?.counted || !page) return null;
  return (
    <Suspense fallback={null}>
      <page.LengthsNote modelName={model.name} lengths={lengths} />
    </Suspense>
  );
}
