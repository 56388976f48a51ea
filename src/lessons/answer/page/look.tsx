/** What a model that writes says to the same few questions while it learns. */
import { Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { exactMatch } from '../../../domain/language-metrics';
import { Section } from '../../../ui/section';
import { lookSchema } from '../shared/asked';

export function Look({ step, seen }: { step: number; seen: unknown }) {
  const samples = useMemo(() => lookSchema.parse(seen), [seen]);
  return (
    <Section
      title="What it writes now"
      about={
        `The same questions again and again, as it learns: this is the model of step ${step}. Long ` +
        'answers are cut.'
      }
    >
      <Stack gap="md">
        {samples.map(({ row, question, expected, answer }) => (
          <dl key={row} style={{ margin: 0, overflowWrap: 'anywhere' }}>
            <Text component="dt" size="sm" c="dimmed">
              {question}
            </Text>
            <Text component="dd" m={0} fw={600}>
              {answer || '(nothing)'} {exactMatch(answer, expected) ? '✓' : ''}
            </Text>
            {!exactMatch(answer, expected) && (
              <Text component="dd" m={0} size="sm">
                Should be: {expected}
              </Text>
            )}
          </dl>
        ))}
      </Stack>
    </Section>
  );
}
