/** The base model and the fine-tuned one on the test rows: figures, labels, what is taken for what, mistakes. */
import { Button, Group } from '@mantine/core';
import { useMemo } from 'react';
import type { RunSummary } from '../../../domain/run';
import { go } from '../../../store';
import { reportSchema } from '../shared/schema';
import { ClassTable } from './class-table';
import { Comparison } from './comparison';
import { ConfusionMatrix } from './confusion-matrix';
import { Mistakes } from './mistakes';

export function Report({ run, report }: { run: RunSummary; report: unknown }) {
  const evaluation = useMemo(() => reportSchema.parse(report), [report]);
  const { tuned, baseline, mistakes } = evaluation;
  return (
    <>
      <Comparison evaluation={evaluation} />
      {tuned.task !== 'regression' && (
        <ClassTable
          tuned={tuned.perClass}
          base={baseline.metrics.task === 'regression' ? [] : baseline.metrics.perClass}
        />
      )}
      {tuned.task === 'single-label' && <ConfusionMatrix labels={run.labels} counts={tuned.confusion} />}
      <Mistakes mistakes={mistakes} regression={tuned.task === 'regression'} />
      <Group justify="flex-end">
        <Button onClick={() => go('try')}>Next: try it yourself</Button>
      </Group>
    </>
  );
}
