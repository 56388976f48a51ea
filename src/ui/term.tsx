/** An everyday word with the field's exact term and meaning in a tooltip that keyboard and touch reach as well. */
import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './term.module.css';

export function Term({ children, means }: { children: ReactNode; means: string }) {
  return (
    <Tooltip label={means} multiline maw={300} events={{ hover: true, focus: true, touch: true }}>
      <button type="button" className={classes.term}>
        {children}
      </button>
    </Tooltip>
  );
}
