/** The way on when memory ran out: the same rows a step, fewer of them at once. */
import { Button } from '@mantine/core';
import { smallerBatch } from '../../domain/training-config';
import { useTraining } from '../../store';
import { formatCount, plural } from '../../ui/format';

export function SmallerBatch() {
  const ran = useTraining((state) => state.ran);
  const startSmaller = useTraining((state) => state.startSmaller);
  const shape = ran && smallerBatch(ran);
  if (!shape) return null;
  const { batchSize, gradientAccumulation } = shape;
  const rows = formatCount(batchSize * gradientAccumulation);
  return (
    <Button size="sm" variant="default" onClick={() => void startSmaller()}>
      {`Begin again with ${plural(batchSize, 'row')} at once, ${formatCount(gradientAccumulation)} times a step: ` +
        `the same ${rows} rows`}
    </Button>
  );
}
