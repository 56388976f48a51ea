/** One bar made of parts, such as the shares of a split. Their names and numbers stand beside it as text. */
import { part } from '../part';
import { Frame } from './frame';
import type { Stack } from './stack-drawing';

const StackDrawing = part(async () => (await import('./stack-drawing')).default);

/** In CSS pixels. */
const HEIGHT = 16;

/** Draws anew when `stack` is another object. */
export function StackedBar({ stack }: { stack: Stack }) {
  return <Frame label={stack.label} height={HEIGHT} part={StackDrawing} shown={stack} />;
}
