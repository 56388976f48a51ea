/** Long work in view: a bar with its numbers, the time left once it is worth saying, and a cancel button. */
import { Button, Group, Progress, Text, VisuallyHidden } from '@mantine/core';
import { formatBytes, formatCount, formatDuration } from './format';

export interface JobProgressProps {
  label: string;
  done: number;
  /** Null when it cannot be known. */
  total: number | null;
  unit: 'bytes' | 'rows' | 'steps' | 'files' | 'sizes';
  /** Milliseconds of `performance.now()`, from which the time left is reckoned. */
  startedAt?: number;
  /** Milliseconds left, where the work itself knows better. */
  remainingMs?: number | null;
  onCancel?: () => void;
}

/** A time left is shown for work that takes longer than this in all. */
const WORTH_SAYING_MS = 5000;

function timeLeft({ done, total, startedAt, remainingMs }: JobProgressProps): string | null {
  if (typeof remainingMs === 'number') return `about ${formatDuration(remainingMs)} left`;
  if (startedAt === undefined) return null;
  const elapsed = performance.now() - startedAt;
  if (!total || done <= 0 || elapsed < 1000) return null;
  const whole = (elapsed * total) / done;
  return whole < WORTH_SAYING_MS ? null : `about ${formatDuration(whole - elapsed)} left`;
}

export function JobProgress(props: JobProgressProps) {
  const { label, done, total, unit, onCancel } = props;
  const share = total ? Math.min(1, done / total) : null;
  const show = unit === 'bytes' ? formatBytes : (value: number) => `${formatCount(value)} ${unit}`;
  const numbers = total ? `${show(done)} of ${show(total)}` : done > 0 ? show(done) : '';
  const left = timeLeft(props);
  return (
    <div>
      <Group justify="space-between" wrap="nowrap" gap="sm" mb={6}>
        <Text size="sm" component="p">
          <strong>{label}</strong> {numbers && <span className="tt-numbers">· {numbers}</span>}{' '}
          {left && <span className="tt-numbers">· {left}</span>}
        </Text>
        {onCancel && (
          <Button size="compact-sm" variant="default" onClick={onCancel}>
            Cancel
          </Button>
        )}
      </Group>
      <Progress.Root size="md">
        <Progress.Section
          value={share === null ? 100 : share * 100}
          animated={share === null}
          striped={share === null}
          aria-label={label}
          {...(share === null ? { 'aria-valuenow': undefined, 'aria-valuetext': 'under way' } : {})}
        />
      </Progress.Root>
      {/* Read out at the quarters only, so that a screen reader can keep up. */}
      <VisuallyHidden aria-live="polite">
        {share === null ? label : `${label}: ${Math.floor(share * 4) * 25} percent`}
      </VisuallyHidden>
    </div>
  );
}
