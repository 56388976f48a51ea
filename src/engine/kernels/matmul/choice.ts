/** Which kernel computes a product: by the adapter's kind and the product's sizes. */
import { gpuAdapter, type Adapter } from '../../backend/gpu-device';
import { ANY_SHAPE } from './any-shape';
import { blockKernel, type Blocks } from './blocks';
import { fewRowsKernel } from './few-rows';
import type { Kernel, Layout, Sizes } from './layout';
import { registerKernel } from './registers';

const blocks = (rows: number, columns: number, depth: 8 | 16, tile: Blocks['tile'], ahead = false, pieces = 1): Kernel => blockKernel({ rows, columns, depth, tile, ahead, pieces });

const LARGE_BLOCKS = blocks(64, 64, 16, [4, 4]);
const SMALL_BLOCKS = blocks(32, 32, 16, [4, 4]);
/** The fewest rows first. */
const FEW_ROWS = [1, 4, 8].map((rows) => fewRowsKernel({ rows }));

/** Every kernel; of those without barriers, which software adapters take, the preferred first. */
export const KERNELS: readonly Kernel[] = [
  LARGE_BLOCKS,
  SMALL_BLOCKS,
  ...FEW_ROWS,
  ...([8, 16] as const).flatMap((depth) =>
    [false, true].flatMap((ahead) => [
      blocks(64, 64, depth, [8, 4], ahead),
      blocks(64, 64, depth, [8, 8], ahead),
      blocks(128, 64, depth, [8, 8], ahead),
      blocks(128, 128, depth, [8, 8], ahead),
    ]),
  ),
  // For adapters of low rank: few columns, or few rows.
  blocks(64, 16, 16, [4, 4]),
  blocks(16, 64, 16, [4, 4]),
  ...[4, 16].flatMap((pieces) => [
    blocks(64, 64, 16, [4, 4], false, pieces),
    blocks(32, 32, 16, [4, 4], false, pieces),
    blocks(64, 64, 8, [8, 4], true, pieces),
    blocks(64, 64, 8, [8, 8], true, pieces),
    blocks(64, 16, 16, [4, 4], false, pieces),
    blocks(16, 64, 16, [4, 4], false, pieces),
  ]),
  registerKernel({ rows: 16, columns: 16, share: true }),
  registerKernel({ rows: 16, columns: 16, share: false }),
  registerKernel({ rows: 8, columns: 8, share: false }),
  ANY_SHAPE,
];

/** Multiplications below which compiling a large kernel costs a software adapter more than it saves. */
const SMALL = 2 ** 21;
/** Rows or columns below which most of a large block would be computed for nothing. */
const FEW = 33;

export const runsOn = (kernel: Kernel, { subgroupsOfFour, mostThreads, workgroupBytes }: Adapter): boolean =>
  (!kernel.subgroupsOfFour || subgroupsOfFour) && kernel.threads <= mostThreads && kernel.workgroupBytes <= workgroupBytes;

/** The kernels that can compute the product on the adapter. */
export const candidates = (adapter: Adapter, layout: Layout, sizes: Sizes): Kernel[] => KERNELS.filter((kernel) => runsOn(kernel, adapter) && kernel.fits(layout, sizes));

/** The kernel that is taken where none was measured. */
export function usualKernel(adapter: Adapter, layout: Layout, sizes: Sizes): Kernel {
  const { m, n, k } = sizes;
  const usable = candidates(adapter, layout, sizes);
  if (adapter.software) return (m * n * k >= SMALL && usable.find(({ barrierFree }) => barrierFree)) || ANY_SHAPE;
  const order = [...(m <= 8 ? FEW_ROWS : []), ...(Math.min(m, n) < FEW ? [] : [LARGE_BLOCKS]), SMALL_BLOCKS];
  return order.find((kernel) => usable.includes(kernel)) ?? usable[0] ?? ANY_SHAPE;
}

export function chooseKernel(layout: Layout, sizes: Sizes): Kernel {
  const adapter = gpuAdapter();
  return adapter ? usualKernel(adapter, layout, sizes) : ANY_SHAPE;
}
