/** The answers before and after fine-tuning, as bars with their numbers. */
import { Alert, Text } from '@mantine/core';
import type { TaskKind } from '../../../domain/task';
import { Bars, barsHeight, SHARE_AXIS } from '../../../ui/charts/bars';
import { Figure, Figures } from '../../../ui/figure';
import { formatNumber, formatPercent } from '../../../ui/format';
import { Section } from '../../../ui/section';
import type { PredictionPair } from '../shared/asked';

/** Labels shown, the most probable first. */
const MOST = 12;
const KINDS = ['Before', 'After'];

/** Room that the answers take, in CSS pixels: kept free before they are there. */
export function answersHeight(task: TaskKind, labels: number): number {
  return task === 'regression' ? 180 : 150 + barsHeight(Math.min(labels, MOST), KINDS.length);
}

export function Answers({
  prediction,
  task,
  minHeight,
}: {
  prediction: PredictionPair;
  task: TaskKind;
  minHeight: number;
}) {
  const { labels, before, after, beforeDescription, truncated } = prediction;
  const ranked = labels
    .map((label, index) => ({ label, before: before[index] ?? 0, after: after[index] ?? 0 }))
    .sort((a, b) => b.after - a.after);
  const top = ranked[0];
  const said =
    task === 'regression'
      ? `After: ${formatNumber(after[0] ?? NaN)}`
      : task === 'multi-label'
        ? `After: ${
            ranked
              .filter(({ after: share }) => share >= 0.5)
              .map(({ label }) => label)
              .join(', ') || 'no label'
          }`
        : top
          ? `After: ${top.label}, ${formatPercent(top.after, 0)}`
          : '';
  return (
    <Section title="Answers" about={`Before: ${beforeDescription}`} minHeight={minHeight}>
      <p className="tt-visually-hidden" aria-live="polite">
        {said}
      </p>
      {truncated && (
        <Alert color="yellow" mb="sm">
          The text is longer than the model was trained for; the end was cut.
        </Alert>
      )}
      {task === 'regression' ? (
        <Figures label="Answers">
          <Figure name="Before" value={formatNumber(before[0] ?? NaN)} />
          <Figure name="After" value={formatNumber(after[0] ?? NaN)} />
        </Figures>
      ) : (
        <>
          <Bars
            label="Probabilities before and after"
            kinds={KINDS}
            bars={ranked.slice(0, MOST).map((row) => ({ name: row.label, values: [row.before, row.after] }))}
            valueName="probability"
            {...SHARE_AXIS}
          />
          {ranked.length > MOST && (
            <Text size="sm" c="dimmed" mt="sm">
              and {ranked.length - MOST} labels with less
            </Text>
          )}
          {task === 'multi-label' && (
            <Text size="sm" c="dimmed" mt="sm">
              Each label is decided by itself: it is given from 50 % on.
            </Text>
          )}
        </>
      )}
    </Section>
  );
}
