/** Texts that the chosen model would cut. */
import { Text } from '@mantine/core';
import { formatCount, plural } from '../../../ui/format';
import type { TokenLengths } from '../../../worker/link/protocol';

export function LengthsNote({ modelName, lengths }: { modelName: string; lengths: TokenLengths }) {
  const { mean, longest, maxLength, overLong, counted } = lengths;
  return (
    <Text size="sm" mt="sm">
      {modelName} sees {mean.toFixed(0)} tokens a text on average, {formatCount(longest)} at most.{' '}
      {overLong
        ? `${plural(overLong, 'text')} of ${formatCount(counted)} looked at ` +
          `${overLong === 1 ? 'is' : 'are'} longer than ${maxLength} tokens and would be cut; ` +
          'the limit is under Train, Advanced.'
        : `None is longer than the limit of ${maxLength}.`}
    </Text>
  );
}
