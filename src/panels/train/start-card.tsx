/** What a run will take, and the one button that starts it. */
import { Alert, Button, List } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect } from 'react';
import { isLanguageMapping } from '../../domain/dataset';
import {
  checkLanguageConfig,
  faintRunNotice,
  isLanguageConfig,
  type LanguageConfig,
} from '../../domain/language-config';
import { checkConfig, type TrainingConfig } from '../../domain/training-config';
import { parametersInWords } from '../../domain/model';
import { useData } from '../../store/data';
import type { EffectiveConfig } from '../../store/effective-config';
import { useDevice } from '../../store/device';
import { fewStepsNotice } from '../../store/learning';
import { WASM_ROOM } from '../../store/room';
import { runSeconds } from '../../store/run-time';
import { useModel } from '../../store/model';
import { useTraining } from '../../store/training';
import { Figure, Figures } from '../../ui/figure';
import { formatBytes, formatCount, formatDuration, plural } from '../../ui/format';
import { Icon } from '../../ui/icons';
import { Section } from '../../ui/section';
import { Term } from '../../ui/term';

type Config = TrainingConfig | LanguageConfig;

const problemsOf = (config: Config): string[] =>
  isLanguageConfig(config) ? checkLanguageConfig(config) : checkConfig(config);
/** What the number of steps foretells, before a run. */
const foretold = (steps: number, config: Config): string | null =>
  isLanguageConfig(config) ? faintRunNotice(steps, config) : fewStepsNotice(steps, config.method);

export function StartCard({ effective }: { effective: EffectiveConfig }) {
  const { config } = effective;
  const { estimate, estimateFor, start } = useTraining();
  const data = useData((state) => state.info);
  const problems = problemsOf(config);
  const refusal = useData((state) => state.lengths?.refusal ?? null);
  const blocker = data?.health.blocker ?? refusal;
  const onCpu = useDevice((state) => state.report?.chosen !== 'webgpu');
  const [settled] = useDebouncedValue(config, 300);
  useEffect(() => {
    if (problemsOf(settled).length === 0 && data && data.health.blocker === null) void estimateFor(settled);
  }, [settled, data, estimateFor]);
  if (!data) return null;
  const pairs = !isLanguageMapping(data.mapping) && data.mapping.textPair !== null && config.method === 'head';
  const tooLarge = estimate !== null && onCpu && estimate.bytes > WASM_ROOM;
  const few = estimate && foretold(estimate.steps, config);
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
      {tooLarge && (
        <Alert color="yellow" icon={<Icon name="warning" />} mb="sm">
          This needs about {formatBytes(estimate.bytes)}, more than the browser can give on the CPU. Choose a lighter
          method, a smaller batch, or a shorter longest input.
        </Alert>
      )}
      {pairs && (
        <Alert color="yellow" icon={<Icon name="warning" />} mb="sm">
          Quick can hardly compare two texts: its features were not made for it. Balanced or Thorough suits pairs.
        </Alert>
      )}
      {few && (
        <Alert color="yellow" icon={<Icon name="warning" />} mb="sm">
          {few}
        </Alert>
      )}
      <Figures label="What the run will take">
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
        <TimeFigure config={config} />
      </Figures>
    </Section>
  );
}

function TimeFigure({ config }: { config: Config }) {
  const report = useDevice((state) => state.report);
  const model = useModel((state) => state.info);
  const { info, lengths, measureLengths } = useData();
  const ready = model !== null && info !== null;
  const template = isLanguageConfig(config) ? config.template : null;
  useEffect(() => {
    if (ready) void measureLengths(config.maxLength, template);
  }, [ready, info, measureLengths, config.maxLength, template]);
  const rate = report?.backends.find(({ backend }) => backend === report.chosen)?.gflopsPerSecond ?? null;
  const seconds =
    model && info && lengths && rate !== null
      ? runSeconds({
          config,
          model,
          rows: info.splitRows.train,
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
