/** The run under way: how far it is, and the buttons that steer it. */
import { Button, Group } from '@mantine/core';
import type { Phase } from '../../store/run-state';
import { useTraining } from '../../store/training';
import { Icon } from '../../ui/icons';
import { JobProgress, type JobProgressProps } from '../../ui/job-progress';
import { Section } from '../../ui/section';

const PHASES: Record<Phase['name'], { label: string; unit: JobProgressProps['unit'] }> = {
  tokenizing: { label: 'Cutting the texts into tokens', unit: 'rows' },
  features: { label: 'Reading every row once with the frozen model', unit: 'rows' },
  training: { label: 'Training', unit: 'steps' },
  'keeping-best': { label: 'Keeping the best weights', unit: 'steps' },
};

export function Controls() {
  const { status, phase, pause, resume, stopAndKeep, cancel } = useTraining();
  const newest = useTraining((state) => state.steps.at(-1));
  const inSteps = newest && (status === 'training' || status === 'paused');
  const words = PHASES[phase?.name ?? 'tokenizing'];
  const bar = inSteps
    ? { label: status === 'paused' ? 'Paused' : 'Training', done: newest.step, total: newest.totalSteps, unit: 'steps' as const }
    : { label: status === 'finishing' ? 'Finishing' : words.label, done: phase?.done ?? 0, total: phase?.total || null, unit: words.unit };
  return (
    <Section title={status === 'paused' ? 'Paused' : 'Learning …'}>
      <JobProgress {...bar} remainingMs={inSteps ? newest.remainingMs : null} />
      <Group mt="md" gap="sm">
        {status === 'paused' ? (
          <Button leftSection={<Icon name="play" size={18} />} onClick={() => void resume()}>
            Resume
          </Button>
        ) : (
          <Button variant="default" leftSection={<Icon name="pause" size={18} />} disabled={status !== 'training'} onClick={() => void pause()}>
            Pause
          </Button>
        )}
        <Button variant="default" leftSection={<Icon name="stop" size={18} />} disabled={status !== 'training' && status !== 'paused'} onClick={() => void stopAndKeep()}>
          Stop and keep
        </Button>
        <Button variant="subtle" color="red" leftSection={<Icon name="close" size={18} />} onClick={cancel}>
          Cancel, keep nothing
        </Button>
      </Group>
    </Section>
  );
}
