/** The drawing of a chart; in a file of its own because the charting library is large and loaded only when needed. */
import { memo } from 'react';
import { CartesianGrid, Line, LineChart as Chart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { Series } from './chart-card';
import { thin } from './series';

export interface LineChartProps {
  series: Series[];
  formatX: (x: number) => string;
  formatY: (y: number) => string;
  range: [number, number | 'auto'] | ['auto', 'auto'];
  wholeX: boolean;
}

type DrawnRow = Record<string, number>;

/** One row for each x with the value of every curve that has a point there. */
function rowsOf(series: Series[]): DrawnRow[] {
  const rows = new Map<number, DrawnRow>();
  series.forEach((one, index) => {
    for (const { x, y } of thin(one.points)) {
      const row = rows.get(x) ?? { x };
      row[`y${index}`] = y;
      rows.set(x, row);
    }
  });
  return [...rows.values()].sort((a, b) => (a.x ?? 0) - (b.x ?? 0));
}

const AXIS = { stroke: 'var(--tt-muted)', fontSize: 11, tickLine: false } as const;

const LineChart = memo(function LineChart({ series, formatX, formatY, range, wholeX }: LineChartProps) {
  return (
    <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 320, height: 190 }}>
      <Chart data={rowsOf(series)} margin={{ top: 6, right: 10, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid stroke="var(--tt-line)" vertical={false} />
        <XAxis dataKey="x" type="number" domain={['dataMin', 'dataMax']} tickFormatter={formatX} minTickGap={28} allowDecimals={!wholeX} {...AXIS} />
        <YAxis width={58} domain={range} tickFormatter={formatY} {...AXIS} />
        <Tooltip
          isAnimationActive={false}
          labelFormatter={(label) => formatX(Number(label))}
          formatter={(value) => formatY(Number(value))}
          contentStyle={{ background: 'var(--mantine-color-body)', border: '1px solid var(--tt-line)', borderRadius: 8, fontSize: 12 }}
        />
        {series.map((one, index) => (
          <Line
            key={one.name}
            dataKey={`y${index}`}
            name={one.name}
            stroke={one.colour}
            strokeWidth={one.faint ? 1 : 2}
            strokeOpacity={one.faint ? 0.35 : 1}
            {...(one.dashed ? { strokeDasharray: '5 3' } : {})}
            dot={one.points.length < 12 && !one.faint ? { r: 3, fill: one.colour } : false}
            connectNulls
            isAnimationActive={false}
          />
        ))}
      </Chart>
    </ResponsiveContainer>
  );
});

export default LineChart;
