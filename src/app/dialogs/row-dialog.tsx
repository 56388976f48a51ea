/** One data row in full: its cells, what is wrong with it, and exactly what the chosen model sees of it. */
import { Alert, Badge, Group, Stack, Text, Title } from '@mantine/core';
import { useCallback, useMemo } from 'react';
import { isLanguageMapping } from '../../domain/dataset';
import { fetchRow, fetchTokens } from '../../store/rows';
import { useData } from '../../store/data';
import { useModel } from '../../store/model';
import { useConfig } from '../../store/use-config';
import { ErrorNotice } from '../../ui/error-notice';
import { LearnedTokens } from './learned-tokens';
import { useAsked } from './use-asked';
import classes from './row-dialog.module.css';

export function RowDialog({ row }: { row: number }) {
  const info = useData((state) => state.info);
  const { answer: view, error } = useAsked(useCallback(() => fetchRow(row), [row]));
  if (error) return <ErrorNotice error={error} />;
  if (!view || !info) return null;
  return (
    <Stack>
      {view.issue && (
        <Alert color="yellow" title="This row is left out">
          {view.issue.message}
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
      {!view.issue && (isLanguageMapping(info.mapping) ? <LearnedTokens row={row} /> : <Tokens row={row} />)}
    </Stack>
  );
}

function Tokens({ row }: { row: number }) {
  const model = useModel((state) => state.info);
  const maxLength = useConfig()?.config.maxLength ?? 128;
  const { answer: view, error } = useAsked(
    useMemo(() => (model ? () => fetchTokens(row, maxLength) : null), [row, model, maxLength]),
  );
  return (
    <section aria-label="What the model sees">
      <Title order={3} size="h5" mb={4}>
        What the model sees
      </Title>
      {!model && (
        <Text size="sm" c="dimmed">
          Choose a model to see how it cuts this text into tokens.
        </Text>
      )}
      {error && <ErrorNotice error={error} />}
      {view && (
        <>
          <Text size="sm" c="dimmed" mb="xs">
            {view.tokens.length} tokens: pieces of words, each with a number in the model’s vocabulary.
            {view.truncated ? ` The text is longer than ${maxLength} tokens; the rest is cut.` : ''}
          </Text>
          <ul className={classes.tokens}>
            {view.tokens.map((token, index) => (
              // The place is part of a token's identity; the list never changes order.
              <li
                key={index}
                className={classes.token}
                data-special={token.special}
                data-segment={token.segment}
                title={`number ${token.id}`}
              >
                {token.text}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
