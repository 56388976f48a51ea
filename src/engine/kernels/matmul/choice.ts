/** Which kernel computes a product: by the adapter's kind and the product's sizes. */
import type { KernelChoices } from '../../../domain/tuning';
import { gpuAdapter, type Adapter } from '../../backend/gpu-device';
import { ANY_SHAPE } from './any-shape';
import { blockKernel, type Blocks } from './blocks';
import { nameOf } from './classes';
import { fewRowsKernel } from './few-rows';
import type { Kernel, Layout, Sizes } from './layout';
import type { Shape } from './passes';
import { registerKernel } from './registers';

const blocks = (
  rows: number,
  columns: number,
  depth: 8 | 16,
  tile: Blocks['tile'],
  ahead = false,
  pieces = 1,
): Kernel => blockKernel({ rows, columns, depth, tile, ahead, pieces });

const LARGE_BLOCKS = blocks(64, 64, 8, [8, 4], true);
const LARGE_IN_PIECES = blocks(64, 64, 8, [8, 4], true, 4);
const SMALL_BLOCKS = blocks(32, 32, 16, [4, 4]);
/** The fewest rows first. */
const FEW_ROWS = [1, 4, 8].map((rows) => fewRowsKernel({ rows }));

/**
 * Every kernel; of those without barriers, which software adapters take, the preferred first. Of 29 blocks that were
 * measured on an H100 over the products of MiniLM and SmolLM2 (bench/matmul.mjs), those that were the best anywhere,
 * and larger and narrower ones for what other adapters are.
 */
export const KERNELS: readonly Kernel[] = [
  LARGE_BLOCKS,
  LARGE_IN_PIECES,
  blocks(64, 64, 8, [8, 4], true, 16),
  SMALL_BLOCKS,
  blocks(32, 32, 16, [4, 4], false, 4),
  blocks(64, 64, 16, [4, 4]),
  blocks(64, 64, 16, [4, 4], false, 4),
  blocks(128, 64, 16, [8, 8]),
  blocks(128, 128, 8, [8, 8], true),
  ...FEW_ROWS,
  // For adapters of low rank: few columns, or few rows.
  blocks(64, 16, 16, [4, 4]),
  blocks(16, 64, 16, [4, 4]),
  blocks(64, 16, 16, [4, 4], false, 4),
  blocks(16, 64, 16, [4, 4], false, 4),
  registerKernel({ rows: 16, columns: 16, share: true }),
  registerKernel({ rows: 16, columns: 16, share: false }),
  registerKernel({ rows: 8, columns: 8, share: false }),
  ANY_SHAPE,
];

/** Multiplications below which compiling a large kernel costs a software adapter more than it saves. */
const SMALL = 2 ** 21;
/** Rows or columns below which most of a large block would be computed for nothing. */
const FEW = 33;
/** Results that few large blocks cover leave most of a GPU idle: pieces of the depth are worth a second pass. */
const SMALL_RESULT = 48 * 64 * 64;

export const runsOn = (kernel: Kernel, { subgroupsOfFour, mostThreads, workgroupBytes }: Adapter): boolean =>
  (!kernel.subgroupsOfFour || subgroupsOfFour) &&
  kernel.threads <= mostThreads &&
  kernel.workgroupBytes <= workgroupBytes;

/** The kernels that can compute the product on the adapter. */
export const candidates = (adapter: Adapter, layout: Layout, sizes: Sizes): Kernel[] =>
  KERNELS.filter((kernel) => runsOn(kernel, adapter) && kernel.fits(layout, sizes));

/** The kernel that is taken where none was measured. */
export function usualKernel(adapter: Adapter, layout: Layout, sizes: Sizes): Kernel {
  const { m, n, k } = sizes;
  const usable = candidates(adapter, layout, sizes);
  if (adapter.software) return (m * n * k >= SMALL && usable.find(({ barrierFree }) => barrierFree)) || ANY_SHAPE;
  const large = m * n <= SMALL_RESULT ? [LARGE_IN_PIECES, LARGE_BLOCKS] : [LARGE_BLOCKS];
  const order = [...(m <= 8 ? FEW_ROWS : []), ...(Math.min(m, n) < FEW ? [] : large), SMALL_BLOCKS];
  return order.find((kernel) => usable.includes(kernel)) ?? usable[0] ?? ANY_SHAPE;
}

/** Raise it when kernels change, for what was measured of the earlier ones says nothing of them. */
const KERNEL_SET = 2;

/** Names an adapter and the kernels that it is offered, for what was measured on it. */
export const adapterKey = ({ identity }: Adapter): string => `${identity}, kernels ${KERNEL_SET}`;

const byName: ReadonlyMap<string, Kernel> = new Map(KERNELS.map((kernel) => [kernel.name, kernel]));
let inForce: ReadonlyMap<string, Kernel> = new Map();
const watchers = new Set<(shape: Shape) => void>();

/**
 * From now on products get these kernels; others, and those whose kernel is not known here, the usual ones. Within a
 * run this must not change: kernels add in different orders, and a run that is interrupted goes on to the same bits.
 */
export function useChoices(choices: KernelChoices): void {
  inForce = new Map(
    Object.entries(choices).flatMap(([product, name]) =>
      byName.has(name) ? [[product, byName.get(name) as Kernel]] : [],
    ),
  );
}

/** Tells of every product that a kernel is chosen for, until the returned function is called. */
export function watchProducts(seen: (shape: Shape) => void): () => boolean {
  watchers.add(seen);
  return () => watchers.delete(seen);
}

export function chooseKernel(shape: Shape): Kernel {
  const { layout, sizes } = shape;
  const adapter = gpuAdapter();
  if (!adapter) return ANY_SHAPE;
  for (const seen of watchers) seen(shape);
  const chosen = inForce.size > 0 ? inForce.get(nameOf(shape)) : undefined;
  return chosen && runsOn(chosen, adapter) && chosen.fits(layout, sizes) ? chosen : usualKernel(adapter, layout, sizes);
}
