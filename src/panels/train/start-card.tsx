/** What a run will take, and the one button that starts it. */
import { Alert, Button, List } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect } from 'react';
import type { DatasetInfo } from '../../domain/dataset';
import { parametersInWords, type ModelInfo } from '../../domain/model';
import type { TrainingConfig } from '../../domain/training-config';
import { lessonOf } from '../../lessons/index';
import { useData, useDevice, useTraining } from '../../store';
import type { EffectiveConfig } from '../../store/effective-config';
import { WASM_ROOM } from '../../store/room';
import { runSeconds } from '../../store/run-time';
import { Figure, Figures } from '../../ui/figure';
import { formatBytes, formatCount, formatDuration, plural } from '../../ui/format';
import { Icon } from '../../ui/icons';
import { Section } from '../../ui/section';
import { Term } from '../../ui/term';

interface StartCardProps {
  effective: EffectiveConfig;
  data: DatasetInfo;
  model: ModelInfo;
}

export function StartCard({ effective, data, model }: StartCardProps) {
  const { config } = effective;
  const { estimate, estimateFor, start } = useTraining();
  const lesson = lessonOf(data.mapping);
  const problems = lesson.problemsOf(config);
  const refusal = useData((state) => state.lengths?.refusal ?? null);
  const blocker = data.health.blocker ?? refusal;
  const [settled] = useDebouncedValue(config, 300);
  useEffect(() => {
    if (lesson.problemsOf(settled).length === 0 && data.health.blocker === null) void estimateFor(settled);
  }, [settled, data, lesson, estimateFor]);
  return (
    <Section
      title="Ready when you are"
      actions={
        <Button
          size="md"
          leftSection={<Icon name="play" size={18} />}
          disabled={problems.length > 0 || blocker !== null}
          onClick={() => void start(config)}
        >
          Start training
        </Button>
      }
      about={
        `${plural(data.splitRows.train, 'training row')}, ${plural(config.epochs, 'pass', 'passes')} over ` +
        'them. The settings below may stay as they are.'
      }
    >
      <Refusals blocker={blocker} problems={problems} />
      <Cautions
        bytes={estimate?.bytes ?? null}
        foretold={lesson.foretell(estimate?.steps ?? null, config, data.mapping)}
      />
      <Figures label="What the run will take">
        <EstimateFigures />
        <TimeFigure config={settled} data={data} model={model} />
      </Figures>
    </Section>
  );
}

/** Why the run cannot start. */
function Refusals({ blocker, problems }: { blocker: string | null; problems: readonly string[] }) {
  return (
    <>
      {blocker !== null && (
        <Alert color="red" role="alert" mb="sm">
          {blocker}
        </Alert>
      )}
      {problems.length > 0 && (
        <Alert color="red" role="alert" title="These settings cannot run" mb="sm">
          <List size="sm">
            {problems.map((problem) => (
              <List.Item key={problem}>{problem}</List.Item>
            ))}
          </List>
        </Alert>
      )}
    </>
  );
}

/** What may go wrong with a run that can start; `bytes` is the memory it takes at most, null while unknown. */
function Cautions({ bytes, foretold }: { bytes: number | null; foretold: readonly string[] }) {
  const onCpu = useDevice((state) => state.report?.chosen !== 'webgpu');
  return (
    <>
      {bytes !== null && onCpu && bytes > WASM_ROOM && (
        <Alert color="yellow" icon={<Icon name="warning" />} mb="sm">
          This needs about {formatBytes(bytes)}, more than the browser can give on the CPU. Choose a lighter method, a
          smaller batch, or a shorter longest input.
        </Alert>
      )}
      {foretold.map((sentence) => (
        <Alert key={sentence} color="yellow" icon={<Icon name="warning" />} mb="sm">
          {sentence}
        </Alert>
      ))}
    </>
  );
}

function EstimateFigures() {
  const estimate = useTraining((state) => state.estimate);
  return (
    <>
      <Figure
        name={<Term means="One correction of the weights after a batch of rows.">Steps</Term>}
        value={estimate ? formatCount(estimate.steps) : '…'}
      />
      <Figure
        name={<Term means="The numbers inside the model that may change.">Weights that learn</Term>}
        value={estimate ? parametersInWords(estimate.trainableParameters) : '…'}
        note={estimate ? `of ${parametersInWords(estimate.parameters)}` : ' '}
      />
      <Figure
        name={
          <Term means="Weights, gradients, optimizer state and activations at the longest batch; estimated.">
            Memory, at most about
          </Term>
        }
        value={estimate ? formatBytes(estimate.bytes) : '…'}
      />
    </>
  );
}

function TimeFigure({ config, data, model }: { config: TrainingConfig; data: DatasetInfo; model: ModelInfo }) {
  const report = useDevice((state) => state.report);
  const { lengths, measureLengths } = useData();
  useEffect(() => void measureLengths(config), [data, model, measureLengths, config]);
  const rate = report?.backends.find(({ backend }) => backend === report.chosen)?.gflopsPerSecond ?? null;
  const seconds =
    lengths && rate !== null
      ? runSeconds({
          config,
          model,
          rows: data.splitRows.train,
          meanTokens: Math.min(lengths.mean, config.maxLength),
          gflopsPerSecond: rate,
        })
      : null;
  return (
    <Figure
      name={
        <Term
          means={
            'Reckoned from the speed measured on this device at the start; the true time left is shown once ' +
            'it runs.'
          }
        >
          Time, roughly
        </Term>
      }
      value={seconds === null ? '…' : seconds < 10 ? 'a few seconds' : formatDuration(seconds * 1000)}
    />
  );
}
