/** What a model that writes sees of one row, token by token, with those that it is trained to write. */
import { Text, Title } from '@mantine/core';
import { useMemo } from 'react';
import { useData } from '../../../store';
import { useAsked } from '../../../store/use-asked';
import { useConfig } from '../../../store/use-config';
import { ErrorNotice } from '../../../ui/error-notice';
import { plural } from '../../../ui/format';
import { Token, Tokens } from '../../../ui/tokens';
import { rowSeenSchema, type ShownSequence } from '../shared/asked';

const PART_WORDS: Record<ShownSequence['part'], string> = {
  sequence: '',
  chosen: 'With the better answer',
  rejected: 'With the worse answer',
};

export function RowSeen({ row }: { row: number }) {
  const fetchSeen = useData((state) => state.fetchSeen);
  // Only where the model can learn from the rows.
  const config = useConfig()?.config ?? null;
  const { answer: shown, error } = useAsked(
    useMemo(
      () => (config ? async (): Promise<ShownSequence[]> => rowSeenSchema.parse(await fetchSeen(row, config)) : null),
      [row, config, fetchSeen],
    ),
  );
  return (
    <section aria-label="What the model learns">
      <Title order={3} size="h5" mb={4}>
        What the model learns
      </Title>
      {!config && (
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
          <Tokens>
            {sequence.tokens.map((token, index) => (
              // The place is part of a token's identity; the list never changes order.
              <Token
                key={index}
                trained={token.trained}
                title={`number ${token.id}${token.trained ? ', learned' : ''}`}
              >
                {token.text.replaceAll('\n', '⏎')}
              </Token>
            ))}
          </Tokens>
        </div>
      ))}
    </section>
  );
}
