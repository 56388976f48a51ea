/** How the chosen model cuts the text of a row into tokens. */
import { Text, Title } from '@mantine/core';
import { useMemo } from 'react';
import { useData, useModel } from '../../../store';
import { useAsked } from '../../../store/use-asked';
import { useConfig } from '../../../store/use-config';
import { ErrorNotice } from '../../../ui/error-notice';
import { Token, Tokens } from '../../../ui/tokens';
import { rowSeenSchema, type TokenView } from '../shared/asked';

export function RowSeen({ row }: { row: number }) {
  const model = useModel((state) => state.info);
  const fetchSeen = useData((state) => state.fetchSeen);
  const config = useConfig()?.config ?? null;
  const { answer: view, error } = useAsked(
    useMemo(
      () => (model ? async (): Promise<TokenView> => rowSeenSchema.parse(await fetchSeen(row, config)) : null),
      [row, model, config, fetchSeen],
    ),
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
            {view.truncated ? ` The text is longer than ${config?.maxLength ?? 128} tokens; the rest is cut.` : ''}
          </Text>
          <Tokens>
            {view.tokens.map((token, index) => (
              // The place is part of a token's identity; the list never changes order.
              <Token key={index} title={`number ${token.id}`} special={token.special} segment={token.segment}>
                {token.text}
              </Token>
            ))}
          </Tokens>
        </>
      )}
    </section>
  );
}
