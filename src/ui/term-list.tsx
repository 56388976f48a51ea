/** Several terms in a row, what each means behind its word. */
import { Text } from '@mantine/core';
import { Term } from './term';

export function TermList({ terms }: { terms: readonly { name: string; means: string }[] }) {
  return (
    <Text size="sm" c="dimmed" mt="md">
      {terms.map(({ name, means }, index) => (
        <span key={name}>
          {index > 0 && ' · '}
          <Term means={means}>{name}</Term>
        </span>
      ))}{' '}
      – what these mean is behind each word.
    </Text>
  );
}
