/** A line chart with its name, its summary for screen readers, and the table of its numbers behind a switch. */
import { Button, Group, Paper, Table, Text, Title } from '@mantine/core';
import { memo, useId, useMemo, useState } from 'react';
import { must } from '../../base/assert';
import { formatNumber } from '../format';
import { Icon } from '../icons';
import { part } from '../part';
import { ScrollTable } from '../scroll-table';
import classes from './chart-card.module.css';
import { Frame } from './frame';
import type { Lines, Series } from './line-drawing';

const LineDrawing = part(async () => (await import('./line-drawing')).default);

/** Fetches what draws the charts and tries it out, so that it is ready when there is something to draw. */
export async function fetchCharts(): Promise<void> {
  await LineDrawing.fetch();
  // A failed fetch is told where a chart is to be drawn, and can be tried again there.
  await import('./rehearsal').then(
    ({ rehearse }) => rehearse(),
    () => undefined,
  );
}

/** Height of the drawing in CSS pixels; reserved before it is there, so that nothing jumps. */
const HEIGHT = 200;
/** Rows of the table behind a chart; more would freeze the page, and the ends say most. */
const TABLE_ROWS = 200;
const UP_FROM_ZERO: Lines['range'] = [0, 'auto'];

export interface ChartCardProps extends Omit<Lines, 'formatY' | 'range' | 'xMarks'> {
  formatY?: Lines['formatY'];
  /** Ends of the upright axis; by default 0 and what the points need. */
  range?: Lines['range'];
  xMarks?: Lines['xMarks'];
  /** A sentence below the name. */
  about?: string | undefined;
  /** Said while there is no point yet. */
  empty: string;
}

const named = (series: Series[]): Series[] => series.filter(({ faint, points }) => !faint && points.length > 0);

/** What a screen reader hears instead of the drawing. */
function summary({ title, series, xName, formatX, formatY }: Lines): string {
  const parts = named(series).map(({ name, points }) => {
    const [first, last] = [must(points[0]), must(points.at(-1))];
    return (
      `${name} from ${formatY(first.y)} at ${xName} ${formatX(first.x)} to ${formatY(last.y)} at ` + formatX(last.x)
    );
  });
  return `${title}: ${parts.join('; ') || 'no points yet'}`;
}

/** Draws anew when a property is another: give lists that stay the same while their points do. */
export const ChartCard = memo(function ChartCard(props: ChartCardProps) {
  const { title, about, series, xName, formatX, empty } = props;
  const { formatY = formatNumber, range = UP_FROM_ZERO, xMarks = 'any' } = props;
  const lines = useMemo(
    () => ({ title, series, xName, formatX, formatY, range, xMarks }),
    [title, series, xName, formatX, formatY, range, xMarks],
  );
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  const hasPoints = series.some(({ points }) => points.length > 0);
  return (
    <Paper withBorder p="md" component="section" aria-labelledby={id} style={{ minWidth: 0 }}>
      <Heading id={id} title={title} asTable={asTable} onSwitch={setAsTable} />
      {about && (
        <Text size="xs" c="dimmed" mb="xs">
          {about}
        </Text>
      )}
      <div style={{ blockSize: HEIGHT }}>
        {asTable ? (
          <SeriesTable {...lines} />
        ) : hasPoints ? (
          <Frame label={summary(lines)} height={HEIGHT} part={LineDrawing} shown={lines} />
        ) : (
          <Text size="sm" c="dimmed">
            {empty}
          </Text>
        )}
      </div>
      <Legend series={named(series)} formatY={formatY} />
    </Paper>
  );
});

/** The curves with their newest values. */
function Legend({ series, formatY }: Pick<Lines, 'series' | 'formatY'>) {
  return (
    <div className={classes.legend}>
      {series.map(({ name, colour, dashed, points }) => (
        <span key={name} className={classes.key}>
          <svg aria-hidden="true" width="18" height="6">
            <line
              x1="0"
              x2="18"
              y1="3"
              y2="3"
              stroke={colour}
              strokeWidth="3"
              strokeDasharray={dashed ? '5 3' : undefined}
            />
          </svg>
          {name} {formatY(must(points.at(-1)).y)}
        </span>
      ))}
    </div>
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

function SeriesTable({ title, xName, series, formatX, formatY }: Lines) {
  const shown = series.filter(({ faint }) => !faint);
  const rows = shown
    .flatMap(({ name, points }) => points.slice(-TABLE_ROWS).map((point) => ({ name, ...point })))
    .sort((a, b) => b.x - a.x);
  const cut = shown.some(({ points }) => points.length > TABLE_ROWS);
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
        {rows.map(({ name, x, y }) => (
          <Table.Tr key={`${name} ${x}`}>
            <Table.Td>{formatX(x)}</Table.Td>
            <Table.Td>{name}</Table.Td>
            <Table.Td>{formatY(y)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </ScrollTable>
  );
}
