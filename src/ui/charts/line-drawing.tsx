/** The drawing of a line chart; in a file of its own because the charting library is fetched only when needed. */
import { memo, useMemo } from 'react';
import { CartesianGrid, Line, LineChart, Tooltip, XAxis, YAxis } from 'recharts';
import { alongAxis, uprightAxis, type Marks, type Range } from './axes';
import type { Size } from './frame';
import { AXIS_HEIGHT, AXIS_LINE, axisName, GRID, readByKeys, TICK } from './look';
import { Reading } from './reading';
import { rowsOf, valueAt, type Point, type Stretch } from './series';

export interface Series {
  name: string;
  /** A CSS colour or variable. */
  colour: string;
  dashed?: boolean;
  /** Drawn pale, behind the others. */
  faint?: boolean;
  /** In the order of x. */
  points: Point[];
}

export interface Lines {
  title: string;
  series: Series[];
  xName: string;
  formatX: (x: number) => string;
  formatY: (y: number) => string;
  range: Range;
  xMarks: Marks;
}

/** Points that are each marked, at most. */
const MARKED_POINTS = 11;
const VALUES_WIDTH = 58;
/** At the right, for the last number of the bottom axis, which stands half outside. */
const MARGIN = { top: 8, right: 26, bottom: 0, left: 0 };
/** Room that a number along the bottom takes, in CSS pixels. */
const NUMBER_WIDTH = 68;
const READING_PLACE = { y: 0 };
const CURSOR = { stroke: 'var(--tt-muted)' };

/** A part of a curve, over the x of all other curves. */
function lineOf({ curve, key, length }: Stretch, { name, colour, dashed, faint }: Series) {
  return (
    <Line
      key={`${curve} ${key}`}
      dataKey={key}
      name={name}
      stroke={colour}
      strokeWidth={faint ? 1 : 2}
      strokeOpacity={faint ? 0.35 : 1}
      strokeDasharray={dashed ? '5 3' : undefined}
      dot={!faint && length <= MARKED_POINTS && { r: 3.5, fill: colour, stroke: 'none' }}
      activeDot={!faint && { r: 4, fill: colour, stroke: 'none' }}
      connectNulls
      isAnimationActive={false}
    />
  );
}

/** What is worked out of the curves: again only when they, or the room for them, are others. */
function useLayout({ series, range, xMarks, width }: Lines & Size) {
  const { rows, stretches } = useMemo(() => rowsOf(series.map(({ points }) => points)), [series]);
  const most = Math.max(2, Math.floor((width - VALUES_WIDTH) / NUMBER_WIDTH));
  const bottom = useMemo(() => {
    const xs = rows.map((row) => row['x'] ?? NaN);
    return alongAxis(xs, xMarks, most);
  }, [rows, xMarks, most]);
  const side = useMemo(() => {
    const ys = rows.flatMap((row) => stretches.map(({ key }) => row[key] ?? NaN));
    return uprightAxis(range, ys);
  }, [rows, stretches, range]);
  return { rows, stretches, bottom, side };
}

const LineDrawing = memo(function LineDrawing(props: Lines & Size) {
  const { title, series, xName, formatX, formatY, width, height } = props;
  const { rows, stretches, bottom, side } = useLayout(props);
  return (
    <LineChart
      data={rows}
      width={width}
      height={height}
      margin={MARGIN}
      accessibilityLayer
      aria-label={readByKeys(title)}
    >
      <CartesianGrid {...GRID} vertical={false} />
      <XAxis
        dataKey="x"
        type="number"
        {...bottom}
        interval={0}
        height={AXIS_HEIGHT}
        tick={TICK}
        tickLine={false}
        axisLine={AXIS_LINE}
        tickFormatter={(x: number) => formatX(x)}
        label={axisName(xName)}
      />
      <YAxis
        type="number"
        {...side}
        interval={0}
        width={VALUES_WIDTH}
        tick={TICK}
        tickLine={false}
        axisLine={AXIS_LINE}
        tickFormatter={(y: number) => formatY(y)}
      />
      <Tooltip
        isAnimationActive={false}
        position={READING_PLACE}
        cursor={CURSOR}
        content={({ active, label }) => active && reading(props, Number(label))}
      />
      {stretches.map((stretch) => {
        const curve = series[stretch.curve];
        return curve && lineOf(stretch, curve);
      })}
    </LineChart>
  );
});

/** Of all points, drawn or not: curves thinned each for itself have few x in common. */
function reading({ series, xName, formatX, formatY }: Lines, x: number) {
  const read = series.flatMap(({ name, colour, points }) => {
    const y = valueAt(points, x);
    return y === null ? [] : [{ name, colour, text: formatY(y) }];
  });
  return <Reading title={`${xName} ${formatX(x)}`} read={read} />;
}

export default LineDrawing;
