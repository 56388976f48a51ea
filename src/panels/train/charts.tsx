/** The curves of the run: loss, the task's metric, learning rate and gradient norm. */
import { Group, SegmentedControl, SimpleGrid, Switch } from '@mantine/core';
import { useDeferredValue, useMemo, useState } from 'react';
import type { StepRecord, ValidationRecord } from '../../domain/run';
import { useTraining } from '../../store/training';
import { ChartCard, type Series } from '../../ui/chart-card';
import { formatCount, formatDuration, formatNumber, formatPercent } from '../../ui/format';
import { smooth, type Point } from '../../ui/series';

type XAxis = 'step' | 'epoch' | 'time';

const X_NAMES: Record<XAxis, string> = { step: 'step', epoch: 'epoch', time: 'time' };

const FORMAT_X: Record<XAxis, (x: number) => string> = {
  step: formatCount,
  epoch: (x) => x.toFixed(x % 1 ? 1 : 0),
  time: (x) => formatDuration(x),
};

const REWARD_COLOURS = ['var(--tt-tuned)', 'var(--tt-base)', 'var(--tt-valid)'];

/** A percentage that an axis does not break into two lines. */
const unbroken = (y: number): string => formatPercent(y, 0).replace(' ', '\u00a0');

/** Curves over the chosen axis; validations take the time of their step. */
function curvesOf(steps: StepRecord[], validations: ValidationRecord[], axis: XAxis) {
  const elapsed = new Map(steps.map(({ step, elapsedMs }) => [step, elapsedMs]));
  const xOfStep = (record: StepRecord): number =>
    axis === 'step' ? record.step : axis === 'epoch' ? record.epoch : record.elapsedMs;
  const xOfValidation = ({ step, epoch }: ValidationRecord): number =>
    axis === 'step' ? step : axis === 'epoch' ? epoch : (elapsed.get(step) ?? 0);
  const curve = (value: (record: StepRecord) => number): Point[] =>
    steps.map((record) => ({ x: xOfStep(record), y: value(record) }));
  const validated = (value: (record: ValidationRecord) => number): Point[] =>
    validations.map((record) => ({ x: xOfValidation(record), y: value(record) }));
  const pointOf = (record: StepRecord, name: string): Point[] => {
    const y = record.extras?.[name];
    return y === undefined ? [] : [{ x: xOfStep(record), y }];
  };
  return {
    loss: curve(({ loss }) => loss),
    learningRate: curve(({ learningRate }) => learningRate),
    gradientNorm: curve(({ gradientNorm }) => gradientNorm),
    rewards: (['chosen', 'rejected', 'margins'] as const).map((name) => ({
      name: `rewards/${name}`,
      points: steps.flatMap((record) => pointOf(record, `rewards/${name}`)),
    })),
    rewardAccuracies: steps.flatMap((record) => pointOf(record, 'rewards/accuracies')),
    validationLoss: validated(({ loss }) => loss),
    metric: validated(({ metricValue }) => metricValue),
  };
}

export function Charts() {
  // Deferred: what else there is to see and to press comes before the curves.
  const steps = useDeferredValue(useTraining((state) => state.steps));
  const validations = useDeferredValue(useTraining((state) => state.validations));
  const [axis, setAxis] = useState<XAxis>('step');
  const [smoothed, setSmoothed] = useState(true);
  const curves = useMemo(() => curvesOf(steps, validations, axis), [steps, validations, axis]);
  const metricName = validations.at(-1)?.metricName ?? 'metric';
  const training: Series[] = smoothed
    ? [
        { name: 'Training, each step', colour: 'var(--tt-tuned)', faint: true, points: curves.loss },
        { name: 'Training', colour: 'var(--tt-tuned)', points: smooth(curves.loss) },
      ]
    : [{ name: 'Training', colour: 'var(--tt-tuned)', points: curves.loss }];
  const shared = {
    xName: X_NAMES[axis],
    formatX: FORMAT_X[axis],
    wholeX: axis === 'step',
    empty: 'The first points come with the first steps.',
  };
  const capital = metricName.charAt(0).toUpperCase() + metricName.slice(1);
  return (
    <section aria-label="Curves">
      <Group justify="space-between" mb="sm">
        <SegmentedControl
          size="xs"
          aria-label="Along the bottom"
          value={axis}
          onChange={(value) => setAxis(value === 'epoch' ? 'epoch' : value === 'time' ? 'time' : 'step')}
          data={[
            { value: 'step', label: 'By step' },
            { value: 'epoch', label: 'By epoch' },
            { value: 'time', label: 'By time' },
          ]}
        />
        <Switch
          label="Smooth the training loss"
          checked={smoothed}
          onChange={(event) => setSmoothed(event.currentTarget.checked)}
        />
      </Group>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <ChartCard
          title="Loss"
          {...shared}
          series={[
            ...training,
            { name: 'Validation', colour: 'var(--tt-valid)', dashed: true, points: curves.validationLoss },
          ]}
        />
        <ChartCard
          title={`${capital} on validation rows`}
          {...shared}
          empty="The first point comes with the first validation."
          formatY={metricName === 'R²' ? formatNumber : unbroken}
          range={metricName === 'R²' ? ['auto', 'auto'] : [0, 1]}
          series={[{ name: capital, colour: 'var(--tt-valid)', points: curves.metric }]}
        />
        {curves.rewardAccuracies.length > 0 && (
          <>
            <ChartCard
              title="Rewards"
              {...shared}
              series={curves.rewards.map(({ name, points }, place) => ({
                name,
                points,
                colour: REWARD_COLOURS[place] ?? 'var(--tt-base)',
                dashed: place === 1,
              }))}
            />
            <ChartCard
              title="rewards/accuracies"
              {...shared}
              formatY={unbroken}
              range={[0, 1]}
              series={[{ name: 'rewards/accuracies', colour: 'var(--tt-tuned)', points: curves.rewardAccuracies }]}
            />
          </>
        )}
        <ChartCard
          title="Learning rate"
          {...shared}
          series={[{ name: 'Learning rate', colour: 'var(--tt-base)', points: curves.learningRate }]}
        />
        <ChartCard
          title="Gradient norm"
          {...shared}
          series={[{ name: 'Gradient norm', colour: 'var(--tt-base)', points: curves.gradientNorm }]}
        />
      </SimpleGrid>
    </section>
  );
}
