/**
 * A part of the page that may come a moment after the rest, in a task of its own, so that its coming does not hold up
 * what was pressed.
 */
import { useDeferredValue, type ReactNode } from 'react';

export function Later({ children }: { children: ReactNode }) {
  return useDeferredValue(true, false) ? children : null;
}
