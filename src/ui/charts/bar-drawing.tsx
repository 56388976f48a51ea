/** The drawing of horizontal bars; in a file of its own because the charting library is fetched only when needed. */
import { memo, useMemo } from 'react';
import { Bar as Series, BarChart, CartesianGrid, LabelList, Tooltip, XAxis, YAxis } from 'recharts';
import { must } from '../../base/assert';
import { alongAxis, uprightAxis, type Range } from './axes';
import type { Size } from './frame';
import { AXIS_HEIGHT, AXIS_LINE, axisName, GRID, readByKeys, TICK } from './look';
import { Reading } from './reading';
import { lettersOf, wrap } from './wrap';

export interface Bar {
  name: string;
  /** One for each of `kinds`; NaN where there is none. */
  values: number[];
}

export interface BarRows {
  label: string;
  /** What the values of a row stand for, in order. */
  kinds: { name: string; colour: string }[];
  bars: Bar[];
  /** What the bottom axis measures, with its unit. */
  valueName: string;
  format: (value: number) => string;
  /** Of the numbers along the axis. */
  formatMark: (value: number) => string;
  /** Ends of the bottom axis; without it whole things are counted from 0. */
  range?: Range;
}

/** In CSS pixels; names take two lines at most. */
const BAR = { size: 10, gap: 4 };
const NAME = { size: 13, line: 15, lines: 2, letter: 7.5, least: 60, most: 190, share: 0.34, gap: 8 };
/** At the right, for the number beside the longest bar. */
const MARGIN = { top: 0, right: 56, bottom: 0, left: 0 };
const NUMBER_WIDTH = 72;
const NUMBER = { fontSize: 12, fill: 'var(--mantine-color-text)' };
const CURSOR = { fill: 'var(--tt-sunken)', stroke: 'none' };

/** Room that the names take: what the longest needs, but no more than its share of the drawing. */
function namesWidth(bars: Bar[], width: number): number {
  const longest = Math.max(...bars.map(({ name }) => lettersOf(name)), 0) * NAME.letter + NAME.gap;
  return Math.round(Math.min(Math.max(longest, NAME.least), NAME.most, Math.max(NAME.least, width * NAME.share)));
}

/** A missing value is a bar without length whose number says so. */
function rowOf({ values }: Bar, place: number, format: BarRows['format']): Record<string, number | string> {
  const row: Record<string, number | string> = { place };
  for (const [i, value] of values.entries()) {
    row[`v${i}`] = Number.isFinite(value) ? value : 0;
    row[`text${i}`] = format(value);
  }
  return row;
}

interface NameProps {
  x: number | string;
  y: number | string;
  name: string;
  width: number;
}

function Name({ x, y, name, width }: NameProps) {
  const lines = wrap(name, Math.floor((width - NAME.gap) / NAME.letter), NAME.lines);
  const top = Number(y) - ((lines.length - 1) * NAME.line) / 2;
  return (
    <text textAnchor="end" fontSize={NAME.size} fill="var(--mantine-color-text)">
      {lines.map((line, place) => (
        <tspan key={place} x={x} y={top + place * NAME.line} dominantBaseline="central">
          {line}
        </tspan>
      ))}
    </text>
  );
}

/** What is worked out of the bars: again only when they, or the room for them, are others. */
function useLayout({ bars, format, range, width }: BarRows & Size) {
  const rows = useMemo(() => bars.map((bar, place) => rowOf(bar, place, format)), [bars, format]);
  const names = namesWidth(bars, width);
  const marks = Math.max(2, Math.min(6, Math.floor((width - names - MARGIN.right) / NUMBER_WIDTH)));
  const bottom = useMemo(() => {
    const values = bars.flatMap((bar) => bar.values);
    return range ? uprightAxis(range, values, marks) : alongAxis([0, ...values], 'whole', marks);
  }, [range, bars, marks]);
  return { rows, names, bottom };
}

const BarDrawing = memo(function BarDrawing(props: BarRows & Size) {
  const { label, kinds, bars, valueName, formatMark, width, height } = props;
  const { rows, names, bottom } = useLayout(props);
  return (
    <BarChart
      layout="vertical"
      data={rows}
      width={width}
      height={height}
      margin={MARGIN}
      barSize={BAR.size}
      barGap={BAR.gap}
      accessibilityLayer
      aria-label={readByKeys(label)}
    >
      <CartesianGrid {...GRID} horizontal={false} />
      <XAxis
        type="number"
        {...bottom}
        interval={0}
        height={AXIS_HEIGHT}
        tick={TICK}
        tickLine={false}
        axisLine={AXIS_LINE}
        tickFormatter={(value: number) => formatMark(value)}
        label={axisName(valueName)}
      />
      <YAxis
        type="category"
        dataKey="place"
        interval={0}
        width={names}
        tickLine={false}
        axisLine={AXIS_LINE}
        tick={({ x, y, payload }: { x: number | string; y: number | string; payload: { value: number } }) => (
          <Name x={x} y={y} name={must(bars[payload.value]).name} width={names} />
        )}
      />
      <Tooltip
        isAnimationActive={false}
        cursor={CURSOR}
        content={({ active, label: place }) => active && reading(props, Number(place))}
      />
      {kinds.map(({ name, colour }, place) => (
        <Series key={name} name={name} dataKey={`v${place}`} fill={colour} radius={3} isAnimationActive={false}>
          <LabelList dataKey={`text${place}`} position="right" {...NUMBER} />
        </Series>
      ))}
    </BarChart>
  );
});

function reading({ kinds, bars, format }: BarRows, place: number) {
  const bar = bars[place];
  if (!bar) return null;
  const read = kinds.map((kind, i) => ({ ...kind, text: format(bar.values[i] ?? NaN) }));
  return <Reading title={bar.name} read={read} />;
}

export default BarDrawing;
