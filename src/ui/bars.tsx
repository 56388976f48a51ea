/** Horizontal bars of shares in [0, 1] with their names and numbers as text, one or two a row. */
import classes from './bars.module.css';

export interface Bar {
  name: string;
  /** Shares in [0, 1], one for each of `kinds`. */
  shares: number[];
  /** The number beside each bar, as text. */
  texts: string[];
}

export interface BarsProps {
  label: string;
  /** What the shares of a row stand for, in order; two at most. */
  kinds: string[];
  bars: Bar[];
}

export function Bars({ label, kinds, bars }: BarsProps) {
  return (
    <ul className={classes.list} aria-label={label}>
      {bars.map((bar) => (
        <li key={bar.name} className={classes.row}>
          <span className={classes.name}>{bar.name}</span>
          <span className={classes.tracks}>
            {bar.shares.map((share, index) => (
              <span key={kinds[index]} className={classes.track} data-kind={kinds.length - 1 - index}>
                <span className={classes.rail}>
                  <span className={classes.fill} style={{ inlineSize: `${Math.max(0, Math.min(1, share)) * 100}%` }} />
                </span>
                <span className={classes.text}>
                  {kinds.length > 1 && <span className="tt-visually-hidden">{kinds[index]}: </span>}
                  {bar.texts[index]}
                </span>
              </span>
            ))}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Names the two colours of a pair of bars. */
export function BarsLegend({ kinds }: { kinds: string[] }) {
  return (
    <div className={classes.legend}>
      {kinds.map((kind, index) => (
        <span key={kind} data-kind={kinds.length - 1 - index} className={classes.key}>
          {kind}
        </span>
      ))}
    </div>
  );
}
