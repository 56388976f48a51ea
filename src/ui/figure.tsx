/** One number with its name, and a second one to compare it with. */
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './figure.module.css';

export interface FigureProps {
  name: ReactNode;
  value: string;
  note?: ReactNode;
}

export function Figure({ name, value, note }: FigureProps) {
  return (
    <div className={classes.figure}>
      <dt className={classes.name}>{name}</dt>
      <dd className={classes.value}>
        {value}
        {note && (
          <Text component="span" size="xs" c="dimmed" display="block">
            {note}
          </Text>
        )}
      </dd>
    </div>
  );
}

/** A row of figures; wraps by itself. */
export function Figures({ children, label }: { children: ReactNode; label: string }) {
  return (
    <dl className={classes.figures} aria-label={label}>
      {children}
    </dl>
  );
}
