/** The drawing of one bar made of parts; in a file of its own because the charting library is fetched when needed. */
import { memo } from 'react';
import { Bar, BarChart, Tooltip, XAxis, YAxis } from 'recharts';
import type { Size } from './frame';
import { readByKeys } from './look';
import { Reading } from './reading';

export interface Stack {
  label: string;
  parts: { name: string; colour: string; value: number }[];
  format: (value: number) => string;
}

const MARGIN = { top: 0, right: 0, bottom: 0, left: 0 };

const StackDrawing = memo(function StackDrawing({ label, parts, format, width, height }: Stack & Size) {
  const row = Object.fromEntries(parts.map(({ value }, place) => [`v${place}`, value]));
  const read = parts.map(({ name, colour, value }) => ({ name, colour, text: format(value) }));
  return (
    <BarChart
      layout="vertical"
      data={[row]}
      {...{ width, height }}
      margin={MARGIN}
      accessibilityLayer
      aria-label={readByKeys(label)}
    >
      <XAxis type="number" domain={[0, 'dataMax']} hide />
      <YAxis type="category" hide />
      <Tooltip
        isAnimationActive={false}
        cursor={false}
        allowEscapeViewBox={{ x: false, y: true }}
        content={({ active }) => active && <Reading title={label} read={read} />}
      />
      {parts.map(({ name, colour }, place) => (
        <Bar
          key={name}
          name={name}
          dataKey={`v${place}`}
          stackId="all"
          barSize={height}
          fill={colour}
          stroke="var(--mantine-color-body)"
          isAnimationActive={false}
        />
      ))}
    </BarChart>
  );
});

export default StackDrawing;
