/**
 * The first drawing of a chart takes several times as long as later ones, for its code is read and made fast by then.
 * So it is done before a run, out of sight: while the model trains it would hold up the page.
 */
import { createRoot } from 'react-dom/client';
import { formatCount, formatNumber } from '../format';
import LineDrawing, { type Series } from './line-drawing';

const SIZE = { width: 480, height: 200 };
/** Points of each drawing, as those of a run grow. */
const DRAWINGS = [1, 2, 5, 20, 100, 400];

let rehearsed = false;

function sample(count: number): Series[] {
  const points = Array.from({ length: count }, (_, x) => ({ x, y: Math.cos(x) }));
  return [
    { name: 'a', colour: 'var(--tt-tuned)', faint: true, points },
    { name: 'b', colour: 'var(--tt-valid)', dashed: true, points },
  ];
}

/** Resolves when the drawings are done; each is made while the page has nothing else to do. */
export async function rehearse(): Promise<void> {
  if (rehearsed) return;
  rehearsed = true;
  const host = document.createElement('div');
  host.inert = true;
  Object.assign(host.style, { position: 'fixed', inlineSize: '0', blockSize: '0', overflow: 'hidden' });
  host.style.visibility = 'hidden';
  document.body.append(host);
  const root = createRoot(host);
  for (const count of DRAWINGS) {
    await idle();
    root.render(
      <LineDrawing
        title="Rehearsal"
        series={sample(count)}
        xName="step"
        xMarks="whole"
        formatX={formatCount}
        formatY={formatNumber}
        range={['auto', 'auto']}
        {...SIZE}
      />,
    );
  }
  await idle();
  root.unmount();
  host.remove();
}

/** Not every browser tells when it is idle. */
const idle = (): Promise<void> =>
  new Promise((resolve) => {
    if ('requestIdleCallback' in window) requestIdleCallback(() => resolve(), { timeout: 500 });
    else setTimeout(resolve, 50);
  });
