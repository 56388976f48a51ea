/** The headline figures of both models side by side. */
import { Alert } from '@mantine/core';
import { figureInWords } from '../../../domain/figures';
import { HEADLINE, type TaskMetrics } from '../../../domain/metrics';
import { Bars, SHARE_AXIS } from '../../../ui/charts/bars';
import { Figure, Figures } from '../../../ui/figure';
import { formatDuration, plural } from '../../../ui/format';
import { Icon } from '../../../ui/icons';
import { Section } from '../../../ui/section';
import { Term } from '../../../ui/term';
import { TermList } from '../../../ui/term-list';
import type { EvaluationReport } from '../shared/schema';

interface Measure {
  name: string;
  means: string;
  of: (metrics: TaskMetrics) => number;
}

const SINGLE: Measure[] = [
  {
    name: 'Accuracy',
    means: 'Share of rows that got the right label.',
    of: (m) => (m.task === 'single-label' ? m.accuracy : NaN),
  },
  {
    name: 'Macro F1',
    means: 'F1 of each label, averaged: rare labels count as much as frequent ones.',
    of: (m) => (m.task === 'single-label' ? m.macroF1 : NaN),
  },
  {
    name: 'Weighted F1',
    means: 'F1 of each label, weighed by its number of rows.',
    of: (m) => (m.task === 'single-label' ? m.weightedF1 : NaN),
  },
];

const MULTI: Measure[] = [
  {
    name: 'Micro F1',
    means: 'F1 over all decisions, one for each row and label.',
    of: (m) => (m.task === 'multi-label' ? m.microF1 : NaN),
  },
  { name: 'Macro F1', means: 'F1 of each label, averaged.', of: (m) => (m.task === 'multi-label' ? m.macroF1 : NaN) },
  {
    name: 'Exact match',
    means: 'Share of rows with every label right (subset accuracy).',
    of: (m) => (m.task === 'multi-label' ? m.subsetAccuracy : NaN),
  },
];

const NUMBERS: Measure[] = [
  {
    name: 'Mean error',
    means:
      'Mean absolute error (MAE): how far off the answers are on average, in the numbers’ unit. Smaller is better.',
    of: (m) => (m.task === 'regression' ? m.mae : NaN),
  },
  {
    name: 'RMSE',
    means: 'Root mean squared error: large misses weigh more. In the unit of the numbers; smaller is better.',
    of: (m) => (m.task === 'regression' ? m.rmse : NaN),
  },
  {
    name: 'R²',
    means: 'Share of the variance that is explained; 1 is perfect, 0 is no better than the mean.',
    of: (m) => (m.task === 'regression' ? m.r2 : NaN),
  },
  {
    name: 'Correlation',
    means: 'Pearson correlation between answers and targets.',
    of: (m) => (m.task === 'regression' ? m.pearson : NaN),
  },
];

const BASE_NAMES: Record<EvaluationReport['baseline']['kind'], string> = {
  'majority-class': 'Always the most frequent label',
  'no-label': 'Without training',
  'mean-value': 'Always the mean',
  'checkpoint-head': 'The model as it came',
};

/** Whether training has gained nothing on the figure that counts. */
function noGain({ tuned, baseline }: EvaluationReport): boolean {
  const { of } = HEADLINE[tuned.task];
  const [after, before] = [of(tuned), of(baseline.metrics)];
  return Number.isFinite(after) && Number.isFinite(before) && after <= before;
}

export function Comparison({ evaluation }: { evaluation: EvaluationReport }) {
  const { tuned, baseline, testRows, elapsedMs } = evaluation;
  const baseName = BASE_NAMES[baseline.kind];
  return (
    <Section
      title="Before and after"
      about={
        <>
          {plural(testRows, 'test row')}, tried in {formatDuration(elapsedMs)}. Compared with: {baseline.description}
        </>
      }
    >
      {noGain(evaluation) && (
        <Alert color="yellow" role="status" icon={<Icon name="warning" />} title="No better than before" mb="md">
          On these rows the fine-tuned model does no better than the plain guess. Try Balanced or Thorough, more epochs,
          or more rows.
        </Alert>
      )}
      {tuned.task === 'regression' ? (
        <Figures label="Before and after">
          {NUMBERS.map(({ name, means, of }) => (
            <Figure
              key={name}
              name={<Term means={means}>{name}</Term>}
              value={figureInWords(of(tuned))}
              note={`${baseName}: ${figureInWords(of(baseline.metrics))}`}
            />
          ))}
        </Figures>
      ) : (
        <>
          <Bars
            label="Before and after"
            kinds={[baseName, 'Fine-tuned']}
            bars={(tuned.task === 'single-label' ? SINGLE : MULTI).map(({ name, of }) => ({
              name,
              values: [of(baseline.metrics), of(tuned)],
            }))}
            valueName="share"
            {...SHARE_AXIS}
          />
          <TermList terms={tuned.task === 'single-label' ? SINGLE : MULTI} />
        </>
      )}
    </Section>
  );
}
