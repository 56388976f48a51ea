/** Says that the GPU stopped working under the run, and from where it went on. */
import { Alert } from '@mantine/core';
import { useTraining } from '../../store';
import { formatCount } from '../../ui/format';
import { Icon } from '../../ui/icons';

export function GpuLossNotice() {
  const loss = useTraining((state) => state.gpuLoss);
  if (!loss) return null;
  const times =
    loss.count === 1 ? 'The GPU stopped working' : `The GPU stopped working ${formatCount(loss.count)} times`;
  const where =
    loss.step === 0
      ? 'began again, for nothing was kept yet'
      : `went on from step ${formatCount(loss.step)}, where it was last kept`;
  return (
    <Alert
      color="yellow"
      role="status"
      icon={<Icon name="warning" />}
      title={`${times} and was opened anew.`}
      data-testid="gpu-loss"
    >
      The run {where}. Its result is the same as without the loss.
    </Alert>
  );
}
