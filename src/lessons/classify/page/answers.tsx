/** The answers before and after fine-tuning, as bars with their numbers. */
import { Alert, Text } from '@mantine/core';
import { figureInWords } from '../../../domain/figures';
import type { TaskKind } from '../../../domain/task';
import { Bars, barsHeight, SHARE_AXIS } from '../../../ui/charts/bars';
import { Figure, Figures } from '../../../ui/figure';
import { formatPercent } from '../../../ui/format';
import { Section } from '../../../ui/section';
import type { PredictionPair } from '../shared/asked';

/** Labels shown, the most probable first. */
const MOST = 12;
const KINDS = ['Before', 'After'];

/** Room that the answers take, in CSS pixels: kept free before they are there. */
export function answersHeight(task: TaskKind, labels: number): number {
  return task === 'regression' ? 180 : 150 + barsHeight(Math.min(labels, MOST), KINDS.length);
}

interface RankedLabel {
  label: string;
  before: number;
  after: number;
}

/** The answer after fine-tuning in words, for those who hear the page. */
function answerInWords(task: TaskKind, after: readonly number[], ranked: readonly RankedLabel[]): string {
  if (task === 'regression') return `After: ${figureInWords(after[0] ?? NaN)}`;
  if (task === 'multi-label') {
    const given = ranked.filter((row) => row.after >= 0.5).map(({ label }) => label);
    return `After: ${given.join(', ') || 'no label'}`;
  }
  const top = ranked[0];
  return top ? `After: ${top.label}, ${formatPercent(top.after, 0)}` : '';
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
  return (
    <Section title="Answers" about={`Before: ${beforeDescription}`} minHeight={minHeight}>
      <p className="tt-visually-hidden" aria-live="polite">
        {answerInWords(task, after, ranked)}
      </p>
      {truncated && (
        <Alert color="yellow" mb="sm">
          The text is longer than the model was trained for; the end was cut.
        </Alert>
      )}
      {task === 'regression' ? (
        <Figures label="Answers">
          <Figure name="Before" value={figureInWords(before[0] ?? NaN)} />
          <Figure name="After" value={figureInWords(after[0] ?? NaN)} />
        </Figures>
      ) : (
        <LabelBars ranked={ranked} severalLabels={task === 'multi-label'} />
      )}
    </Section>
  );
}

function LabelBars({ ranked, severalLabels }: { ranked: readonly RankedLabel[]; severalLabels: boolean }) {
  return (
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
      {severalLabels && (
        <Text size="sm" c="dimmed" mt="sm">
          Each label is decided by itself: it is given from 50 % on.
        </Text>
      )}
    </>
  );
}
