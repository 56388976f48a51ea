/** What is worth knowing before training, each with its remedy where there is one. */
import { Alert, Button, Group, List, Text } from '@mantine/core';
import { useEffect } from 'react';
import type { DatasetInfo } from '../../domain/dataset';
import { isLanguageConfig } from '../../domain/language-config';
import { useData } from '../../store/data';
import { useModel } from '../../store/model';
import { useConfig } from '../../store/use-config';
import { formatCount, plural } from '../../ui/format';
import type { TokenLengths } from '../../worker/link/protocol';
import { Icon } from '../../ui/icons';
import { Section } from '../../ui/section';
import classes from './health.module.css';

export function Health({ info }: { info: DatasetInfo }) {
  const { blocker, warnings } = info.health;
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
      {blocker === null && warnings.length === 0 && (
        <Text size="sm">
          {info.issues.total
            ? `${plural(info.issues.total, 'row')} cannot be used and ${info.issues.total === 1 ? 'is' : 'are'} ` +
              'left out, with the reason below; nothing else stands out.'
            : 'Nothing stands out: every row can be used.'}
        </Text>
      )}
      <Duplicates info={info} />
      <OverLong info={info} />
    </Section>
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

/** How the chosen model would read the conversations. */
function Rendered({
  name,
  lengths: { mean, longest, maxLength, notes, refusal },
}: {
  name: string;
  lengths: TokenLengths;
}) {
  return (
    <>
      {refusal !== null && (
        <Alert color="red" role="alert" icon={<Icon name="warning" />} title="Nothing would be learned" mt="sm">
          {refusal}
        </Alert>
      )}
      <Text size="sm" mt="sm">
        {name} sees {mean.toFixed(0)} tokens a row on average, {formatCount(longest)} at most.{' '}
        {notes.length
          ? `${notes.join(' ')} The limit is under Train, Advanced.`
          : `None is longer than the limit of ${formatCount(maxLength)}.`}{' '}
        Open a row below to see exactly what is learned.
      </Text>
    </>
  );
}

/** Texts that the chosen model would cut, once there is a model to count with. */
function OverLong({ info }: { info: DatasetInfo }) {
  const model = useModel((state) => state.info);
  const { lengths, measureLengths } = useData();
  const config = useConfig()?.config;
  const maxLength = config?.maxLength;
  const template = config && isLanguageConfig(config) ? config.template : null;
  useEffect(() => {
    if (model && maxLength !== undefined && info.usableRows > 0) void measureLengths(maxLength, template);
  }, [model, maxLength, template, info, measureLengths]);
  if (!model || !lengths || !lengths.counted) return null;
  if (template !== null) return <Rendered name={model.name} lengths={lengths} />;
  return (
    <Text size="sm" mt="sm">
      {model.name} sees {lengths.mean.toFixed(0)} tokens a text on average, {formatCount(lengths.longest)} at most.{' '}
      {lengths.overLong
        ? `${plural(lengths.overLong, 'text')} of ${formatCount(lengths.counted)} looked at ` +
          `${lengths.overLong === 1 ? 'is' : 'are'} longer than ${lengths.maxLength} tokens and would be cut; ` +
          'the limit is under Train, Advanced.'
        : `None is longer than the limit of ${lengths.maxLength}.`}
    </Text>
  );
}
