/** The numbers at the pointer, or at the place that the arrow keys have reached; a screen reader is told them. */
import classes from './reading.module.css';

export interface Read {
  name: string;
  colour: string;
  text: string;
}

export function Reading({ title, read }: { title: string; read: Read[] }) {
  return (
    <div className={classes.reading} role="status">
      <div>{title}</div>
      {read.map(({ name, colour, text }) => (
        <div key={name}>
          <span className={classes.swatch} style={{ background: colour }} />
          {name}: <span className={classes.value}>{text}</span>
        </div>
      ))}
    </div>
  );
}
