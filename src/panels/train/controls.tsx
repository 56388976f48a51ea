/** The run: how far it is and the buttons that steer it; afterwards how it ended. */
import { Alert, Button, Group, Text } from '@mantine/core';
import { isBusy } from '../../domain/run';
import { go, useResults, useTraining } from '../../store';
import type { Phase } from '../../store/run-state';
import { formatCount } from '../../ui/format';
import { Icon } from '../../ui/icons';
import { JobProgress, type JobProgressProps } from '../../ui/job-progress';
import { Section } from '../../ui/section';
import { REASON_WORDS } from '../../ui/words';

const PHASES: Record<Phase['name'], { label: string; unit: JobProgressProps['unit'] }> = {
  numbers: { label: 'Reading the numbers', unit: 'rows' },
  tokenizing: { label: 'Cutting the texts into tokens', unit: 'rows' },
  features: { label: 'Reading every row once with the frozen model', unit: 'rows' },
  tuning: { label: 'Measuring which GPU kernels are fastest', unit: 'sizes' },
  training: { label: 'Training', unit: 'steps' },
  reference: { label: 'Asking the model what it says before', unit: 'rows' },
  'keeping-best': { label: 'Keeping the best weights', unit: 'steps' },
};

/** Height of the card with its bar and buttons, kept when the run has ended. */
const CARD_HEIGHT = 198;

export function Controls() {
  const busy = useTraining((state) => isBusy(state.status));
  return busy ? <UnderWay /> : <Ended />;
}

function UnderWay() {
  const { status, phase, pause, resume, stopAndKeep, cancel } = useTraining();
  const newest = useTraining((state) => state.steps.at(-1));
  const inSteps = newest && (status === 'training' || status === 'paused');
  const words = PHASES[phase?.name ?? 'tokenizing'];
  const bar = inSteps
    ? {
        label: status === 'paused' ? 'Paused' : 'Training',
        done: newest.step,
        total: newest.totalSteps,
        unit: 'steps' as const,
      }
    : {
        label: status === 'finishing' ? 'Finishing' : words.label,
        done: phase?.done ?? 0,
        total: phase?.total || null,
        unit: words.unit,
      };
  return (
    <Section title={status === 'paused' ? 'Paused' : 'Learning …'} minHeight={CARD_HEIGHT}>
      <JobProgress {...bar} remainingMs={inSteps ? newest.remainingMs : null} />
      <Kept />
      <Group mt="md" gap="sm">
        {status === 'paused' ? (
          <Button leftSection={<Icon name="play" size={18} />} onClick={() => void resume()}>
            Resume
          </Button>
        ) : (
          <Button
            variant="default"
            leftSection={<Icon name="pause" size={18} />}
            disabled={status !== 'training'}
            onClick={() => void pause()}
          >
            Pause
          </Button>
        )}
        <Button
          variant="default"
          leftSection={<Icon name="stop" size={18} />}
          disabled={status !== 'training' && status !== 'paused'}
          onClick={() => void stopAndKeep()}
        >
          Stop and keep
        </Button>
        <Button variant="subtle" color="red" leftSection={<Icon name="close" size={18} />} onClick={cancel}>
          Cancel, keep nothing
        </Button>
      </Group>
    </Section>
  );
}

/** What a reload or a crash would not lose. */
function Kept() {
  const checkpoint = useTraining((state) => state.checkpoint);
  const problem = checkpoint?.problem;
  if (problem)
    return (
      <Alert
        color="yellow"
        icon={<Icon name="warning" />}
        role="status"
        mt="sm"
        data-error={problem.code}
        title="Its progress cannot be kept just now; the run itself goes on."
      >
        {problem.message} {problem.fix}{' '}
        {checkpoint.step !== null && `What it had learned by step ${formatCount(checkpoint.step)} is safe.`}
      </Alert>
    );
  return (
    <Text size="sm" c="dimmed" mt="xs" data-testid="checkpoint">
      {typeof checkpoint?.step === 'number'
        ? `Kept up to step ${formatCount(checkpoint.step)}: a reload or a crash loses nothing before it.`
        : 'Its progress is kept as it goes.'}
    </Text>
  );
}

function Ended() {
  const { status, reason } = useTraining();
  const run = useResults((state) => state.run);
  const kept = useTraining((state) => typeof state.checkpoint?.step === 'number');
  if (status === 'cancelled')
    return (
      <Section
        title="Cancelled"
        about="Nothing of this run was kept. The settings are as you left them."
        minHeight={CARD_HEIGHT}
      />
    );
  if (status === 'failed')
    return (
      <Section
        title="Stopped by an error"
        about={
          kept
            ? 'What went wrong is said above. What was learned up to the last checkpoint is kept, and the run can ' +
              'go on from there.'
            : 'What went wrong is said above; nothing of this run was kept.'
        }
        minHeight={CARD_HEIGHT}
      />
    );
  return (
    <Section title="Finished" about={reason && `Training ${REASON_WORDS[reason]}.`} minHeight={CARD_HEIGHT}>
      {run && (
        <Group>
          <Button onClick={() => go('evaluate')}>Next: see how good it is</Button>
        </Group>
      )}
    </Section>
  );
}
