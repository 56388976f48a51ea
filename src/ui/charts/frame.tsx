/**
 * The place of a drawing: keeps its room, names it, and has it drawn when it can be seen, in turn with the other charts
 * of the page and at their pace. What draws is fetched when it is first needed.
 */
import { Skeleton } from '@mantine/core';
import { useElementSize, useIntersection } from '@mantine/hooks';
import { Suspense } from 'react';
import type { Part } from '../part';
import { usePaced } from './use-paced';

/** What every drawing is told beside what it shows. */
export interface Size {
  /** In CSS pixels. */
  width: number;
  height: number;
}

export interface FrameProps<Shown extends object> {
  /** Said in place of the drawing: what it shows, in words. */
  label: string;
  height: number;
  part: Part<Shown & Size>;
  /** What is drawn; the same object as long as nothing has changed. */
  shown: Shown;
}

/** Charts this far below or above the visible part of the page are drawn already. */
const AHEAD = { rootMargin: '160px' };

export function Frame<Shown extends object>({ label, height, part: Drawing, shown }: FrameProps<Shown>) {
  const { ref: watch, entry } = useIntersection<HTMLDivElement>(AHEAD);
  const { ref: measure, width } = useElementSize<HTMLDivElement>();
  const drawn = usePaced(shown, !entry?.isIntersecting);
  const room = <Skeleton height={height} animate={false} />;
  return (
    <div ref={watch} role="figure" aria-label={label}>
      <div ref={measure} style={{ blockSize: height }}>
        <Suspense fallback={room}>
          {drawn && width > 0 ? <Drawing {...drawn} width={width} height={height} /> : room}
        </Suspense>
      </div>
    </div>
  );
}
