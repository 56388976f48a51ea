/**
 * The drawing of a chart on a canvas, in a file of its own because the charting library is loaded only when needed. The
 * library is uPlot because a curve grows while the model trains on the same processor: a library of SVG elements, laid
 * out several times for each new point, held up the page.
 */
import { useComputedColorScheme } from '@mantine/core';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Series } from './chart-card';
import { inTurn } from './in-turn';
import classes from './line-chart.module.css';
import { columnsOf } from './series';

export interface LineChartProps {
  series: Series[];
  formatX: (x: number) => string;
  formatY: (y: number) => string;
  range: [number, number | 'auto'] | ['auto', 'auto'];
  wholeX: boolean;
  /** In CSS pixels. */
  width: number;
  height: number;
}

/** What a curve looks like; it changes more rarely than its points. */
type Look = Required<Omit<Series, 'name' | 'points'>>;

/** Points that are each marked, at most. */
const MARKED_POINTS = 11;
/** Steps between the numbers of an axis: 2.5 would be rounded to a wrong place by formats of whole units. */
const STEPS = Array.from({ length: 40 }, (_, i) => [1, 2, 5].map((digit) => Number(`${digit}e${i - 20}`))).flat();
const WHOLE_STEPS = STEPS.filter((step) => step >= 1);
/** Space beyond the last number of the bottom axis, which stands half outside. */
const PADDING: uPlot.Padding = [8, 18, 0, 0];
const VALUES_WIDTH = 58;
const TEXT_PIXELS = 11;
const READING_MARGIN = 8;

/**
 * CSS colours, which may be variables, as a canvas takes them. All at once: the page's styles are worked out only once
 * then.
 */
function resolved(host: HTMLElement, colours: readonly string[]): string[] {
  const probes = colours.map((colour) => {
    const probe = document.createElement('span');
    probe.style.color = colour;
    return probe;
  });
  host.append(...probes);
  const found = probes.map((probe) => getComputedStyle(probe).color);
  for (const probe of probes) probe.remove();
  return found;
}

const isMarked = (ys: ArrayLike<number | null | undefined> | undefined): boolean =>
  ys !== undefined && Array.from(ys).filter((y) => typeof y === 'number').length <= MARKED_POINTS;

/** The ends of the upright axis: as told, unless points lie below. */
function upright([low, high]: LineChartProps['range'], min: number | null, max: number | null): uPlot.Range.MinMax {
  if (min === null || max === null) return [0, 1];
  const around = uPlot.rangeNum(min, max, 0.1, true);
  return [low === 'auto' || min < low ? around[0] : low, high === 'auto' ? around[1] : high];
}

function optionsOf(
  host: HTMLElement,
  looks: readonly Look[],
  { formatX, formatY, range, wholeX }: Pick<LineChartProps, 'formatX' | 'formatY' | 'range' | 'wholeX'>,
  onPoint: (index: number | null) => void,
): uPlot.Options {
  const [text, line, ...strokes] = resolved(host, [
    'var(--tt-muted)',
    'var(--tt-line)',
    ...looks.map(({ colour }) => colour),
  ]) as [string, string, ...string[]];
  const axis: uPlot.Axis = {
    stroke: text,
    font: `${TEXT_PIXELS}px ${getComputedStyle(host).fontFamily}`,
    ticks: { show: false },
    border: { show: true, stroke: text, width: 1 },
  };
  return {
    // Set with the first points.
    width: 0,
    height: 0,
    padding: PADDING,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    hooks: { setCursor: [({ cursor: { idx } }) => onPoint(idx ?? null)] },
    scales: {
      x: { time: false, range: (_, min, max) => (min === max ? [min, min + 1] : [min, max]) },
      y: { range: (_, min, max) => upright(range, min, max) },
    },
    axes: [
      {
        ...axis,
        size: 26,
        gap: 6,
        grid: { show: false },
        incrs: wholeX ? WHOLE_STEPS : STEPS,
        values: (_, xs) => xs.map(formatX),
      },
      { ...axis, size: VALUES_WIDTH, gap: 8, grid: { stroke: line, width: 1 }, values: (_, ys) => ys.map(formatY) },
    ],
    series: [
      {},
      ...looks.map(({ dashed, faint }, i): uPlot.Series => ({
        stroke: strokes[i],
        width: faint ? 1 : 2,
        alpha: faint ? 0.35 : 1,
        spanGaps: true,
        points: { show: ({ data }, curve) => !faint && isMarked(data[curve]), size: 7, fill: strokes[i] as string },
        ...(dashed ? { dash: [5, 3] } : {}),
      })),
    ],
  };
}

const LineChart = memo(function LineChart({ series, formatX, formatY, range, wholeX, width, height }: LineChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const [plot, setPlot] = useState<uPlot | null>(null);
  const [index, setIndex] = useState<number | null>(null);
  const scheme = useComputedColorScheme();
  const columns = useMemo(() => columnsOf(series.map(({ points }) => points)), [series]);
  // By their values: another list of the same would have the chart made anew with each point.
  const [low, high] = range;
  const looks = JSON.stringify(
    series.map(({ colour, dashed = false, faint = false }): Look => ({ colour, dashed, faint })),
  );

  useEffect(() => {
    if (!host.current) return undefined;
    const made = new uPlot(
      optionsOf(
        host.current,
        JSON.parse(looks) as Look[],
        { formatX, formatY, range: [low, high] as LineChartProps['range'], wholeX },
        setIndex,
      ),
      undefined,
      host.current,
    );
    setPlot(made);
    return () => made.destroy();
    // `scheme`, for the colours of variables differ by it.
  }, [looks, formatX, formatY, low, high, wholeX, scheme]);
  useEffect(() => {
    if (!plot) return undefined;
    return inTurn(plot, () => {
      if (plot.width !== width || plot.height !== height) plot.setSize({ width, height });
      plot.setData(columns);
    });
  }, [plot, width, height, columns]);

  return (
    <div ref={host} className={classes.host}>
      {plot && index !== null && (
        <Reading plot={plot} columns={columns} index={index} series={series} formatX={formatX} formatY={formatY} />
      )}
    </div>
  );
});

interface ReadingProps extends Pick<LineChartProps, 'series' | 'formatX' | 'formatY'> {
  plot: uPlot;
  columns: ReturnType<typeof columnsOf>;
  index: number;
}

/** The numbers below the pointer. */
function Reading({ plot, columns: [xs, ...curves], index, series, formatX, formatY }: ReadingProps) {
  const x = xs[index];
  if (x === undefined) return null;
  // In the other half, at its end: beside the pointer it would stand out of a narrow chart.
  const inLeftHalf = VALUES_WIDTH + plot.valToPos(x, 'x') < plot.width / 2;
  return (
    <div
      className={classes.reading}
      style={inLeftHalf ? { insetInlineEnd: READING_MARGIN } : { insetInlineStart: VALUES_WIDTH + READING_MARGIN }}
    >
      <div>{formatX(x)}</div>
      {series.map(({ name, colour }, i) => {
        const y = curves[i]?.[index];
        return (
          typeof y === 'number' && (
            <div key={name}>
              <span style={{ color: colour }}>{name}</span>: {formatY(y)}
            </div>
          )
        );
      })}
    </div>
  );
}

export default LineChart;
