/** A plain table that scrolls by itself when the window is narrow, reachable by keyboard. */
import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './scroll-table.module.css';

/** @param maxHeight in CSS pixels; the table scrolls below it */
export function ScrollTable({
  label,
  maxHeight,
  children,
}: {
  label: string;
  maxHeight?: number;
  children: ReactNode;
}) {
  return (
    // The box must be focusable so that the keyboard can scroll it.
    <div className={classes.scroll} role="group" aria-label={label} tabIndex={0} style={{ maxBlockSize: maxHeight }}>
      <Table aria-label={label} verticalSpacing={6} stickyHeader={maxHeight !== undefined}>
        {children}
      </Table>
    </div>
  );
}
