/** How all drawings look: colours are variables of the page, so that they follow its scheme by themselves. */

const TEXT_PIXELS = 11;

export const TICK = { fontSize: TEXT_PIXELS, fill: 'var(--tt-muted)' };
export const AXIS_LINE = { stroke: 'var(--tt-muted)' };
export const GRID = { stroke: 'var(--tt-line)' };
/** Below the axis, at its end: what the numbers along it are. */
export const axisName = (value: string) => ({ ...TICK, value, position: 'insideBottomRight' as const, offset: 3 });
/** Height of a bottom axis with its numbers and its name. */
export const AXIS_HEIGHT = 36;
/** How a drawing can be read without a pointer. */
export const readByKeys = (title: string): string => `${title}: read it with the arrow keys`;
