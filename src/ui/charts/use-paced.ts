/** A value that changes often, as it is to be drawn: at the pace of charts, each change in a task of its own. */
import { useEffect, useRef, useState } from 'react';
import { Pace } from './pace';

/**
 * The newest `value` when its turn has come; null before the first turn. While `held` nothing is taken over, and the
 * newest value comes with the end of it.
 */
export function usePaced<T>(value: T, held = false): T | null {
  const [shown, setShown] = useState<{ value: T } | null>(null);
  const newest = useRef(value);
  const pace = useRef<Pace | null>(null);
  useEffect(() => {
    const made = new Pace(() => setShown({ value: newest.current }));
    pace.current = made;
    return () => made.stop();
  }, []);
  useEffect(() => {
    newest.current = value;
    if (held) pace.current?.stop();
    else pace.current?.request();
  }, [value, held]);
  return shown && shown.value;
}
