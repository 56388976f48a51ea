/** A line chart with its name, its summary for screen readers, and the table of its numbers behind a switch. */
import { Button, Group, Paper, Skeleton, Table, Text, Title } from '@mantine/core';
import { Suspense, useEffect, useId, useState } from 'react';
import { formatNumber } from './format';
import { Icon } from './icons';
import { part } from './part';
import { ScrollTable } from './scroll-table';
import type { Point } from './series';
import { useInTurn } from './use-in-turn';

const LineChart = part(async () => (await import('./line-chart')).default);

/** Height of the drawing in CSS pixels; reserved before it is there, so that nothing jumps. */
const HEIGHT = 190;
/** Rows of the table behind a chart; more would freeze the page, and the ends say most. */
const TABLE_ROWS = 200;

export interface Series {
  name: string;
  /** A CSS colour or variable. */
  colour: string;
  dashed?: boolean;
  /** Drawn pale, behind the others. */
  faint?: boolean;
  points: Point[];
}

export interface ChartCardProps {
  title: string;
  xName: string;
  series: Series[];
  formatX: (x: number) => string;
  formatY?: (y: number) => string;
  /** Lower and upper end of the upright axis; by default 0 and what the points need. */
  range?: [number, number | 'auto'] | ['auto', 'auto'];
  /** Whether x counts whole things, such as steps. */
  wholeX?: boolean;
  /** Said while there is no point yet. */
  empty: string;
}

/** What a screen reader hears instead of the drawing. */
function summary({ title, series, xName, formatX, formatY = formatNumber }: ChartCardProps): string {
  const parts = series
    .filter((one) => !one.faint && one.points.length)
    .map((one) => {
      const [first, last] = [one.points[0], one.points.at(-1)] as [Point, Point];
      return `${one.name} from ${formatY(first.y)} at ${xName} ${formatX(first.x)} to ${formatY(last.y)} at ${formatX(last.x)}`;
    });
  return `${title}: ${parts.join('; ') || 'no points yet'}`;
}

export function ChartCard(props: ChartCardProps) {
  const { title, series, formatY = formatNumber } = props;
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  // Before there is a point: charts that wait for their code together would all be drawn in one task.
  useEffect(() => void LineChart.fetch(), []);
  const hasPoints = series.some((one) => one.points.length > 0);
  return (
    <Paper withBorder p="md" component="section" aria-labelledby={id} style={{ minWidth: 0 }}>
      <Group justify="space-between" mb="xs" wrap="nowrap">
        <Title order={3} size="h5" id={id}>
          {title}
        </Title>
        <Button size="compact-xs" variant="subtle" style={{ flex: 'none' }} leftSection={<Icon name="table" size={14} />} aria-pressed={asTable} onClick={() => setAsTable(!asTable)} aria-label={`${title} as a table`}>
          Table
        </Button>
      </Group>
      <div style={{ blockSize: HEIGHT }}>
        {asTable ? (
          <SeriesTable {...props} />
        ) : hasPoints ? (
          <div role="img" aria-label={summary(props)} style={{ blockSize: '100%' }}>
            <Drawing {...props} />
          </div>
        ) : (
          <Text size="sm" c="dimmed">
            {props.empty}
          </Text>
        )}
      </div>
      <Group gap="md" mt={6} mih={20}>
        {series
          .filter((one) => !one.faint && one.points.length)
          .map((one) => (
            <Text key={one.name} size="xs" component="span" style={{ display: 'inline-flex', alignItems: 'center', gap: 6 }}>
              <svg aria-hidden="true" width="18" height="6">
                <line x1="0" x2="18" y1="3" y2="3" stroke={one.colour} strokeWidth="3" strokeDasharray={one.dashed ? '5 3' : undefined} />
              </svg>
              {one.name} {formatY((one.points.at(-1) as Point).y)}
            </Text>
          ))}
      </Group>
    </Paper>
  );
}

const UP_FROM_ZERO: [number, 'auto'] = [0, 'auto'];

/** The curves as they were when this chart's turn came: several charts at once would hold up the page. */
function Drawing(props: ChartCardProps) {
  const shown = useInTurn(props);
  const space = <Skeleton height={HEIGHT} animate={false} />;
  if (!shown) return space;
  return (
    <Suspense fallback={space}>
      <LineChart series={shown.series} formatX={shown.formatX} formatY={shown.formatY ?? formatNumber} range={shown.range ?? UP_FROM_ZERO} wholeX={shown.wholeX ?? false} />
    </Suspense>
  );
}

const REHEARSED = {
  series: [
    { name: 'First', colour: 'none', faint: true, points: Array.from({ length: 24 }, (_, x) => ({ x, y: x % 5 })) },
    { name: 'Second', colour: 'none', dashed: true, points: [{ x: 0, y: 0 }, { x: 23, y: 1 }] },
  ],
  formatX: formatNumber,
  formatY: formatNumber,
  range: UP_FROM_ZERO,
  wholeX: true,
};

/**
 * Draws a chart that nobody sees and takes it away again. The browser compiles the drawing's code by it, which takes longer than drawing: shown
 * before a run, it keeps the run's first chart from holding up the page while it trains.
 */
export function ChartRehearsal() {
  const [fetched, setFetched] = useState(false);
  const drawn = useInTurn(fetched);
  useEffect(() => void LineChart.fetch().then(() => setFetched(true)), []);
  if (!fetched || drawn) return null;
  return (
    <div aria-hidden style={{ position: 'fixed', insetBlockStart: 0, insetInlineStart: 0, inlineSize: 320, blockSize: HEIGHT, visibility: 'hidden', pointerEvents: 'none' }}>
      <Suspense>
        <LineChart {...REHEARSED} />
      </Suspense>
    </div>
  );
}

function SeriesTable({ title, xName, series, formatX, formatY = formatNumber }: ChartCardProps) {
  const shown = series.filter((one) => !one.faint);
  const rows = shown.flatMap((one) => one.points.slice(-TABLE_ROWS).map((point) => ({ name: one.name, ...point }))).sort((a, b) => b.x - a.x);
  const cut = shown.some((one) => one.points.length > TABLE_ROWS);
  return (
    <ScrollTable label={`${title}, numbers`} maxHeight={HEIGHT}>
      <Table.Caption>{cut ? `The last ${TABLE_ROWS} points of each curve` : 'All points'}</Table.Caption>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{xName}</Table.Th>
          <Table.Th scope="col">Curve</Table.Th>
          <Table.Th scope="col">Value</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={`${row.name} ${row.x}`}>
            <Table.Td>{formatX(row.x)}</Table.Td>
            <Table.Td>{row.name}</Table.Td>
            <Table.Td>{formatY(row.y)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </ScrollTable>
  );
}
