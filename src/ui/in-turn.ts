/**
 * Work that takes the page long, done one after the other: each in a task of its own, so that the page answers in
 * between.
 */

/** By whom it is to be done; who has something newer keeps its place, so that none waits for ever. */
const waiting = new Map<object, () => void>();
let timer: ReturnType<typeof setTimeout> | null = null;

function next(): void {
  const [first] = waiting;
  timer = null;
  if (!first) return;
  const [part, work] = first;
  waiting.delete(part);
  if (waiting.size > 0) timer = setTimeout(next);
  work();
}

/**
 * Has `work` done when the part's turn comes, instead of what it waits for already. Returns how to have it not done.
 */
export function inTurn(part: object, work: () => void): () => void {
  waiting.set(part, work);
  timer ??= setTimeout(next);
  return () => void waiting.delete(part);
}
