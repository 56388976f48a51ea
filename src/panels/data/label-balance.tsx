/** How many rows each label has. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { DatasetInfo } from '../../domain/dataset';
import { Bars } from '../../ui/charts/bars';
import { formatCount, plural } from '../../ui/format';
import { Section } from '../../ui/section';

/** Labels shown before "show all". */
const FIRST = 12;
/** Even "all" ends somewhere: more bars than this tell nobody anything. */
const MOST = 500;

export function LabelBalance({ info }: { info: DatasetInfo }) {
  const [all, setAll] = useState(false);
  if (!info.labels.length) return null;
  const sorted = info.labels.toSorted((a, b) => b.count - a.count);
  const { imbalance } = info.health;
  const about =
    sorted.length === 1
      ? 'Every usable row has the same label.'
      : imbalance !== null && imbalance > 1.5
        ? `The most frequent label has ${imbalance.toFixed(1)} times the rows of the rarest.`
        : 'The labels have about the same number of rows.';
  return (
    <Section title="Label balance" about={about}>
      <Bars
        label="Rows for each label"
        kinds={['rows']}
        bars={sorted.slice(0, all ? MOST : FIRST).map(({ name, count }) => ({ name, values: [count] }))}
        valueName="rows"
        format={formatCount}
      />
      {sorted.length > FIRST && (
        <Button mt="sm" size="compact-sm" variant="subtle" onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show all ${plural(Math.min(sorted.length, MOST), 'label')}`}
        </Button>
      )}
    </Section>
  );
}
