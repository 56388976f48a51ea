/** Horizontal bars with their names and numbers, one or two a row; the same as a list for screen readers. */
import { useMemo } from 'react';
import { formatPercent } from '../format';
import { part } from '../part';
import type { Range } from './axes';
import type { Bar } from './bar-drawing';
import classes from './chart-card.module.css';
import { Frame } from './frame';
import { AXIS_HEIGHT } from './look';

const BarDrawing = part(async () => (await import('./bar-drawing')).default);

export interface BarsProps {
  label: string;
  /** What the values of a row stand for, in order; two at most. The last is the one that counts. */
  kinds: string[];
  bars: Bar[];
  /** What the bottom axis measures, with its unit. */
  valueName: string;
  format: (value: number) => string;
  /** Of the numbers along the axis; by default as the others. */
  formatMark?: (value: number) => string;
  /** Ends of the bottom axis; without it whole things are counted from 0. */
  range?: Range;
}

/** Of an axis for shares. */
export const UP_TO_ONE: Range = [0, 1];
/** Properties of bars that show shares in [0, 1]. */
export const SHARE_AXIS = {
  range: UP_TO_ONE,
  format: (share: number): string => formatPercent(share),
  formatMark: (share: number): string => formatPercent(share, 0),
};
const COLOURS = ['var(--tt-base)', 'var(--tt-tuned)'];
/** Of a row with one bar, and with two; in CSS pixels. */
const ROW_HEIGHTS = [36, 42];

/** Height of a drawing of so many bars, in CSS pixels. */
export const barsHeight = (rows: number, kinds: number): number => rows * (ROW_HEIGHTS[kinds - 1] ?? 42) + AXIS_HEIGHT;

export function Bars(props: BarsProps) {
  const { label, kinds, bars, valueName, format, formatMark = format, range } = props;
  // By their values: another list of the same bars would have them drawn anew.
  const content = JSON.stringify({ kinds, bars });
  const shown = useMemo(() => {
    const { kinds: names, bars: rows } = JSON.parse(content) as Pick<BarsProps, 'kinds' | 'bars'>;
    const coloured = names.map((name, place) => ({ name, colour: COLOURS[place + 2 - names.length] ?? '' }));
    // JSON has no NaN.
    const values = rows.map((bar) => ({ ...bar, values: bar.values.map((value: number | null) => value ?? NaN) }));
    return { label, kinds: coloured, bars: values, valueName, format, formatMark, range };
  }, [content, label, valueName, format, formatMark, range]);
  return (
    <>
      {kinds.length > 1 && (
        <div className={classes.legend} aria-hidden="true">
          {shown.kinds.map(({ name, colour }) => (
            <span key={name} className={classes.key}>
              <span className={classes.swatch} style={{ background: colour }} />
              {name}
            </span>
          ))}
        </div>
      )}
      <Frame label={`${label}, drawn`} height={barsHeight(bars.length, kinds.length)} part={BarDrawing} shown={shown} />
      <ul className="tt-visually-hidden" aria-label={label}>
        {bars.map(({ name, values }) => (
          <li key={name}>
            {name}
            {values.map((value, place) => (
              <span key={place}>
                {' '}
                {kinds[place]}: {format(value)}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </>
  );
}
