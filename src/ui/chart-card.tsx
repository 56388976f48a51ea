/** A line chart with its name, its summary for screen readers, and the table of its numbers behind a switch. */
import { Button, Group, Paper, Skeleton, Table, Text, Title } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { memo, Suspense, useId, useState } from 'react';
import classes from './chart-card.module.css';
import { formatNumber } from './format';
import { Icon } from './icons';
import { part } from './part';
import { ScrollTable } from './scroll-table';
import type { Point } from './series';

const LineChart = part(async () => (await import('./line-chart')).default);

/** Fetches what draws the charts, so that it is there when there is something to draw. */
export const fetchCharts = LineChart.fetch;

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
      return (
        `${one.name} from ${formatY(first.y)} at ${xName} ${formatX(first.x)} to ${formatY(last.y)} at ` +
        formatX(last.x)
      );
    });
  return `${title}: ${parts.join('; ') || 'no points yet'}`;
}

export function ChartCard(props: ChartCardProps) {
  const { title, series, formatY = formatNumber } = props;
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  const hasPoints = series.some((one) => one.points.length > 0);
  return (
    <Paper withBorder p="md" component="section" aria-labelledby={id} style={{ minWidth: 0 }}>
      <Heading id={id} title={title} asTable={asTable} onSwitch={setAsTable} />
      <div style={{ blockSize: HEIGHT }}>
        {asTable ? (
          <SeriesTable {...props} />
        ) : hasPoints ? (
          <Drawing {...props} />
        ) : (
          <Text size="sm" c="dimmed">
            {props.empty}
          </Text>
        )}
      </div>
      <div className={classes.legend}>
        {series
          .filter((one) => !one.faint && one.points.length)
          .map((one) => (
            <span key={one.name} className={classes.key}>
              <svg aria-hidden="true" width="18" height="6">
                <line
                  x1="0"
                  x2="18"
                  y1="3"
                  y2="3"
                  stroke={one.colour}
                  strokeWidth="3"
                  strokeDasharray={one.dashed ? '5 3' : undefined}
                />
              </svg>
              {one.name} {formatY((one.points.at(-1) as Point).y)}
            </span>
          ))}
      </div>
    </Paper>
  );
}

interface HeadingProps {
  id: string;
  title: string;
  asTable: boolean;
  onSwitch: (asTable: boolean) => void;
}

const Heading = memo(function Heading({ id, title, asTable, onSwitch }: HeadingProps) {
  return (
    <Group justify="space-between" mb="xs" wrap="nowrap">
      <Title order={3} size="h5" id={id}>
        {title}
      </Title>
      <Button
        size="compact-xs"
        variant="subtle"
        style={{ flex: 'none' }}
        leftSection={<Icon name="table" size={14} />}
        aria-pressed={asTable}
        onClick={() => onSwitch(!asTable)}
        aria-label={`${title} as a table`}
      >
        Table
      </Button>
    </Group>
  );
});

const UP_FROM_ZERO: [number, 'auto'] = [0, 'auto'];

function Drawing(props: ChartCardProps) {
  const { series, formatX, formatY = formatNumber, range = UP_FROM_ZERO, wholeX = false } = props;
  const { ref, width } = useElementSize();
  return (
    <div role="img" aria-label={summary(props)} ref={ref} style={{ blockSize: HEIGHT }}>
      <Suspense fallback={<Skeleton height={HEIGHT} animate={false} />}>
        {width > 0 && (
          <LineChart
            series={series}
            formatX={formatX}
            formatY={formatY}
            range={range}
            wholeX={wholeX}
            width={width}
            height={HEIGHT}
          />
        )}
      </Suspense>
    </div>
  );
}

function SeriesTable({ title, xName, series, formatX, formatY = formatNumber }: ChartCardProps) {
  const shown = series.filter((one) => !one.faint);
  const rows = shown
    .flatMap((one) => one.points.slice(-TABLE_ROWS).map((point) => ({ name: one.name, ...point })))
    .sort((a, b) => b.x - a.x);
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
