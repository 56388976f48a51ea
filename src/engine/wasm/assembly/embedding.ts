/** The gradient of a row lookup: the rows of dy summed into a dense table. */
import { loadSome, storeSome } from './vector';

/** Rows of the table in a unit of work. */
const UNIT: i32 = 256;

/** Arguments: dy, ids, table; number of ids, width, rows of the table, the id that gets nothing (or −1). */
export function embeddingGradient(args: usize, from: i32, to: i32): void {
  const dy = load<usize>(args);
  const ids = load<usize>(args, 4);
  const table = load<usize>(args, 8);
  const count = load<i32>(args, 12);
  const width = load<i32>(args, 16);
  const first = from * UNIT;
  const last = min(to * UNIT, load<i32>(args, 20));
  const padding = load<i32>(args, 24);
  const stride = <usize>width << 2;
  memory.fill(table + <usize>first * stride, 0, <usize>(last - first) * stride);
  for (let i = 0; i < count; i++) {
    const id = load<i32>(ids + (<usize>i << 2));
    if (id < first || id >= last || id === padding) continue;
    const source = dy + <usize>i * stride;
    const target = table + <usize>id * stride;
    for (let j = 0; j < width; j += 4) {
      const offset = <usize>j << 2;
      storeSome(target + offset, f32x4.add(loadSome(target + offset, width - j), loadSome(source + offset, width - j)), width - j);
    }
  }
}
