/** What a language model sees of one row, token by token, with those that it is trained to write. */
import { Text, Title } from '@mantine/core';
import { useMemo } from 'react';
import { isLanguageConfig } from '../../domain/language-config';
import { fetchShownTokens } from '../../store/rows';
import { useConfig } from '../../store/use-config';
import { ErrorNotice } from '../../ui/error-notice';
import { plural } from '../../ui/format';
import type { ShownSequence } from '../../worker/link/protocol';
import { useAsked } from './use-asked';
import classes from './row-dialog.module.css';

const PART_WORDS: Record<ShownSequence['part'], string> = {
  sequence: '',
  chosen: 'With the better answer',
  rejected: 'With the worse answer',
};

export function LearnedTokens({ row }: { row: number }) {
  const config = useConfig()?.config ?? null;
  const writes = config && isLanguageConfig(config) ? config : null;
  const { answer: shown, error } = useAsked(
    useMemo(() => (writes ? () => fetchShownTokens(row, writes.maxLength, writes.template) : null), [row, writes]),
  );
  return (
    <section aria-label="What the model learns">
      <Title order={3} size="h5" mb={4}>
        What the model learns
      </Title>
      {!writes && (
        <Text size="sm" c="dimmed">
          Choose a language model to see how it reads this row, and which tokens it learns to write.
        </Text>
      )}
      {error && <ErrorNotice error={error} />}
      {shown?.map((sequence, place) => (
        <div key={place}>
          <Text size="sm" c="dimmed" mb="xs" mt={place ? 'sm' : 0}>
            {PART_WORDS[sequence.part] && `${PART_WORDS[sequence.part]}: `}
            {plural(sequence.tokens.length, 'token')}, of which{' '}
            {sequence.tokens.filter(({ trained }) => trained).length} are learned (underlined); the others are only
            read.
            {sequence.truncated ? ' The end was cut off at the longest input.' : ''}
          </Text>
          <ul className={classes.tokens}>
            {sequence.tokens.map((token, index) => (
              // The place is part of a token's identity; the list never changes order.
              <li
                key={index}
                className={classes.token}
                data-trained={token.trained}
                title={`number ${token.id}${token.trained ? ', learned' : ''}`}
              >
                {token.text.replaceAll('\n', '⏎')}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}
