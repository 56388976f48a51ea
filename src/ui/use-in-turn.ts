/** Parts of the page that take long to draw, drawn one after the other: each in a task of its own, so that the page answers in between. */
import { useEffect, useId, useState } from 'react';
import { flushSync } from 'react-dom';

/** What is to be drawn, by part; a part keeps its place when it has something newer to show, so that none waits for ever. */
const waiting = new Map<string, () => void>();
let timer: ReturnType<typeof setTimeout> | null = null;

function drawNext(): void {
  const [next] = waiting;
  timer = null;
  if (!next) return;
  const [part, draw] = next;
  waiting.delete(part);
  if (waiting.size) timer = setTimeout(drawNext);
  // At once: React would draw several that were asked for in a row together.
  flushSync(draw);
}

/** The newest value for which there has been time; null before the first. */
export function useInTurn<T>(value: T): T | null {
  const part = useId();
  const [shown, setShown] = useState<{ value: T } | null>(null);
  useEffect(() => {
    waiting.set(part, () => setShown({ value }));
    timer ??= setTimeout(drawNext);
  }, [part, value]);
  useEffect(() => () => void waiting.delete(part), [part]);
  return shown && shown.value;
}
