/** Which kernel computes a product: by the adapter's kind and the product's sizes. */
import { gpuAdapter, type Adapter } from '../../backend/gpu-device';
import { ANY_SHAPE } from './any-shape';
import type { Kernel, Layout, Sizes } from './layout';
import { registerKernel } from './registers';
import { sharedKernel } from './shared';

/** Every kernel, the preferred first; software adapters take those without barriers. */
export const KERNELS: readonly Kernel[] = [
  sharedKernel({ rows: 64, columns: 64 }),
  sharedKernel({ rows: 32, columns: 32 }),
  registerKernel({ rows: 16, columns: 16, share: true }),
  registerKernel({ rows: 16, columns: 16, share: false }),
  registerKernel({ rows: 8, columns: 8, share: false }),
  ANY_SHAPE,
];

/** Multiplications below which compiling a large kernel costs a software adapter more than it saves. */
const SMALL = 2 ** 21;
/** Rows below which most of a large block would be computed for nothing. */
const FEW_ROWS = 33;

export const runsOn = (kernel: Kernel, { subgroupsOfFour }: Adapter): boolean => !kernel.subgroupsOfFour || subgroupsOfFour;

/** The kernels that can compute the product on the adapter, the preferred first. */
export function candidates(adapter: Adapter, layout: Layout, sizes: Sizes): Kernel[] {
  const usable = KERNELS.filter((kernel) => runsOn(kernel, adapter) && kernel.fits(layout, sizes));
  if (adapter.software) return usable.filter(({ barrierFree }) => barrierFree);
  return sizes.m < FEW_ROWS || sizes.n < FEW_ROWS ? usable.slice(1) : usable;
}

export function chooseKernel(layout: Layout, sizes: Sizes): Kernel {
  const adapter = gpuAdapter();
  if (!adapter || (adapter.software && sizes.m * sizes.n * sizes.k < SMALL)) return ANY_SHAPE;
  return candidates(adapter, layout, sizes)[0] ?? ANY_SHAPE;
}
