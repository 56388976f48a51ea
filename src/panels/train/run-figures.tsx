/** The run in numbers. */
import { isBusy, type StepRecording } from '../../domain/run';
import { useResults, useTraining } from '../../store';
import { Figure, Figures } from '../../ui/figure';
import { formatBytes, formatCount, formatDuration, formatNumber, formatPercent } from '../../ui/format';
import { Section } from '../../ui/section';
import { Term } from '../../ui/term';

const recordingInWords = ({ shapes, dispatches, reason }: StepRecording): string =>
  reason
    ? `steps not recorded: ${reason}`
    : `${formatCount(shapes)} ${shapes === 1 ? 'size' : 'sizes'} recorded, ${formatCount(dispatches)} GPU ` +
      'commands a step';

/** A figure, or the sign that it is not there yet. */
const orWaiting = (text: string | undefined): string => text ?? '…';

export function RunFigures() {
  const status = useTraining((state) => state.status);
  const run = useResults((state) => state.run);
  const newest = useTraining((state) => state.steps.at(-1));
  const done = !isBusy(status);
  const title = !done ? 'Right now' : status === 'finished' ? 'The run in numbers' : 'Until it ended';
  // On features that were computed once no tokens are read any more.
  const chosen = useTraining((state) => state.method);
  const frozen = (run?.config.method ?? chosen) === 'head';
  // The record of a finished run counts from the button on; what its steps count leaves out reading, tokens and
  // features.
  const takenMs = status === 'finished' && run ? run.elapsedMs : newest?.elapsedMs;
  return (
    <Section title={title}>
      <Figures label="The run in numbers">
        <Figure
          name={<Term means="How wrong the answers are on the rows of the newest batch; smaller is better.">Loss</Term>}
          value={orWaiting(newest && formatNumber(newest.loss))}
        />
        <BestFigure />
        <Figure
          name={<Term means="An epoch is one pass over all training rows.">Epoch</Term>}
          value={orWaiting(newest?.epoch.toFixed(1))}
          note={newest ? `step ${formatCount(newest.step)} of ${formatCount(newest.totalSteps)}` : ' '}
        />
        <Figure
          name="Rows a second"
          value={orWaiting(newest && formatNumber(newest.examplesPerSecond))}
          note={newest && !frozen ? `${formatNumber(newest.tokensPerSecond)} tokens/s` : ' '}
        />
        <MemoryFigure bytes={newest?.memoryBytes} />
        <Figure
          name={done ? 'Time taken' : 'Time left'}
          value={orWaiting(newest && formatDuration(done ? (takenMs ?? newest.elapsedMs) : newest.remainingMs))}
          note={newest && !done ? `${formatDuration(newest.elapsedMs)} so far` : ' '}
        />
      </Figures>
    </Section>
  );
}

function BestFigure() {
  const validation = useTraining((state) => state.validations.findLast(({ best }) => best) ?? state.validations.at(-1));
  return (
    <Figure
      name={validation ? `Best ${validation.metricName}` : 'Best so far'}
      value={orWaiting(
        validation &&
          (validation.metricName === 'R²'
            ? formatNumber(validation.metricValue)
            : formatPercent(validation.metricValue)),
      )}
      note="on validation rows"
    />
  );
}

function MemoryFigure({ bytes }: { bytes: number | undefined }) {
  const recording = useTraining((state) => state.recording);
  return (
    <Figure
      name={
        <Term
          means={
            'Held by the numbers of the engine on this device. On the GPU a step is recorded once for ' +
            'each size of batch and replayed from then on.'
          }
        >
          Memory
        </Term>
      }
      value={orWaiting(bytes === undefined ? undefined : formatBytes(bytes))}
      note={recording ? recordingInWords(recording) : ' '}
    />
  );
}
