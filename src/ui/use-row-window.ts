/** Which rows of a long, scrolled list are in view; all rows have the same height. */
import { useEffect, useState, type RefObject } from 'react';

/** Rows drawn above and below the view, so that scrolling shows no gaps. */
const SPARE = 8;

/**
 * First and last index (both included) of the rows to draw; -1 as last when there are none.
 * @param rowHeight in CSS pixels
 */
export function useRowWindow(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
): { first: number; last: number } {
  const [view, setView] = useState({ top: 0, height: 0 });
  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const look = (): void => setView({ top: box.scrollTop, height: box.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(box);
    box.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener('scroll', look);
    };
  }, [scroller]);
  const first = Math.max(0, Math.floor(view.top / rowHeight) - SPARE);
  const last = Math.min(count - 1, Math.ceil((view.top + view.height) / rowHeight) + SPARE);
  return { first: Math.min(first, Math.max(0, count - 1)), last };
}
