/** The curves of the run: loss, the task's metric, what else it measures, learning rate and gradient norm. */
import { Group, SegmentedControl, SimpleGrid, Switch } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { StepRecord, ValidationRecord } from '../../domain/run';
import { useTraining } from '../../store';
import { formatMoment, type Marks } from '../../ui/charts/axes';
import { UP_TO_ONE } from '../../ui/charts/bars';
import { ChartCard, type ChartCardProps } from '../../ui/charts/chart-card';
import { smooth, type Point } from '../../ui/charts/series';
import { usePaced } from '../../ui/charts/use-paced';
import { formatCount, formatPercent } from '../../ui/format';
import { useAboutLoss } from './about-loss';
import { extraCharts } from './extra-curves';

type XAxis = 'step' | 'epoch' | 'time';

interface Measured {
  steps: StepRecord[];
  validations: ValidationRecord[];
}

const AXES: Record<XAxis, { formatX: (x: number) => string; xMarks: Marks }> = {
  step: { formatX: formatCount, xMarks: 'whole' },
  epoch: { formatX: (x) => x.toFixed(x % 1 ? 1 : 0), xMarks: 'tenths' },
  time: { formatX: formatMoment, xMarks: 'time' },
};

const NOTHING: Measured = { steps: [], validations: [] };
const FREE = ['auto', 'auto'] as const;
const COLOURS = ['var(--tt-tuned)', 'var(--tt-base)', 'var(--tt-valid)'];

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** A percentage that an axis does not break into two lines. */
const unbroken = (y: number): string => formatPercent(y, 0).replace(' ', '\u00a0');

/** Makes curves over the chosen axis, of steps and of validations, which take the time of their step. */
function curvesOver(axis: XAxis, { steps, validations }: Measured) {
  const elapsed = new Map(steps.map(({ step, elapsedMs }) => [step, elapsedMs]));
  const xOf = ({ step, epoch, elapsedMs }: { step: number; epoch: number; elapsedMs?: number }): number =>
    axis === 'step' ? step : axis === 'epoch' ? epoch : (elapsedMs ?? elapsed.get(step) ?? 0);
  return {
    /** Steps without the value are left out. */
    ofSteps: (value: (record: StepRecord) => number | undefined): Point[] =>
      steps.flatMap((record) => {
        const y = value(record);
        return y === undefined ? [] : [{ x: xOf(record), y }];
      }),
    ofValidations: (value: (record: ValidationRecord) => number): Point[] =>
      validations.map((record) => ({ x: xOf(record), y: value(record) })),
  };
}

/** All cards, each with its curves. */
function cardsOf(measured: Measured, axis: XAxis, smoothed: boolean, aboutLoss: string | null): ChartCardProps[] {
  const { ofSteps, ofValidations } = curvesOver(axis, measured);
  const common = { xName: axis, ...AXES[axis], empty: 'The first points come with the first steps.' };
  const tuned = { colour: 'var(--tt-tuned)' };
  const valid = { colour: 'var(--tt-valid)' };
  const plain = { colour: 'var(--tt-base)' };
  const loss = ofSteps((record) => record.loss);
  const training = smoothed
    ? [
        { ...tuned, name: 'Training, each step', faint: true, points: loss },
        { ...tuned, name: 'Training', points: smooth(loss) },
      ]
    : [{ ...tuned, name: 'Training', points: loss }];
  const metric = measured.validations.at(-1)?.metricName ?? 'metric';
  const names = [...new Set(measured.steps.flatMap((record) => Object.keys(record.extras ?? {})))];
  return [
    {
      ...common,
      title: 'Loss',
      about: aboutLoss ?? undefined,
      series: [
        ...training,
        { ...valid, name: 'Validation', dashed: true, points: ofValidations((record) => record.loss) },
      ],
    },
    {
      ...common,
      title: `${capital(metric)} on validation rows`,
      empty: 'The first point comes with the first validation.',
      ...(metric === 'R²' ? { range: FREE } : { formatY: unbroken, range: UP_TO_ONE }),
      series: [{ ...valid, name: capital(metric), points: ofValidations((record) => record.metricValue) }],
    },
    ...extraCharts(names).map((chart) => ({
      ...common,
      ...(chart.shares ? { formatY: unbroken, range: UP_TO_ONE } : {}),
      title: chart.title,
      series: chart.names.map((name, place) => ({
        name,
        colour: COLOURS[place % COLOURS.length] ?? plain.colour,
        dashed: place % 2 === 1,
        points: ofSteps((record) => record.extras?.[name]),
      })),
    })),
    {
      ...common,
      title: 'Learning rate',
      series: [{ ...plain, name: 'Learning rate', points: ofSteps((record) => record.learningRate) }],
    },
    {
      ...common,
      title: 'Gradient norm',
      series: [{ ...plain, name: 'Gradient norm', points: ofSteps((record) => record.gradientNorm) }],
    },
  ];
}

export function Charts() {
  const newest = useTraining(useShallow(({ steps, validations }): Measured => ({ steps, validations })));
  const measured = usePaced(newest) ?? NOTHING;
  const [axis, setAxis] = useState<XAxis>('step');
  const [smoothed, setSmoothed] = useState(true);
  const aboutLoss = useAboutLoss();
  const cards = useMemo(() => cardsOf(measured, axis, smoothed, aboutLoss), [measured, axis, smoothed, aboutLoss]);
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
        {cards.map((card) => (
          <ChartCard key={card.title} {...card} />
        ))}
      </SimpleGrid>
    </section>
  );
}
