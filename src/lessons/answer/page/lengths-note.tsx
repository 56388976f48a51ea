/** How the chosen model would read the rows. */
import { Alert, Text } from '@mantine/core';
import { formatCount } from '../../../ui/format';
import { Icon } from '../../../ui/icons';
import type { TokenLengths } from '../../../worker/link/protocol';

export function LengthsNote({ modelName, lengths }: { modelName: string; lengths: TokenLengths }) {
  const { mean, longest, maxLength, notes, refusal } = lengths;
  return (
    <>
      {refusal !== null && (
        <Alert color="red" role="alert" icon={<Icon name="warning" />} title="Nothing would be learned" mt="sm">
          {refusal}
        </Alert>
      )}
      <Text size="sm" mt="sm">
        {modelName} sees {mean.toFixed(0)} tokens a row on average, {formatCount(longest)} at most.{' '}
        {notes.length
          ? `${notes.join(' ')} The limit is under Train, Advanced.`
          : `None is longer than the limit of ${formatCount(maxLength)}.`}{' '}
        Open a row below to see exactly what is learned.
      </Text>
    </>
  );
}
