/** Finds the fastest kernel for classes of products by timing all that can compute them, within a budget of time. */
import { throwIfCancelled } from '../../../base/errors';
import type { MeasuredProduct } from '../../../domain/tuning';
import type { Adapter } from '../../backend/gpu-device';
import { candidates, usualKernel } from './choice';
import { nameOf } from './classes';
import type { Kernel } from './layout';
import { flopsOf } from './measure';
import type { Shape } from './passes';

export interface Tuning {
  /** Milliseconds of one product; throws when the device refuses the kernel. */
  measure: (kernel: Kernel, shape: Shape) => Promise<number>;
  /** Milliseconds, and those after which nothing more is begun. */
  now: () => number;
  deadline: number;
  signal: AbortSignal;
}

export interface TuningProgress {
  done: number;
  total: number;
}

export interface TuningResult {
  products: MeasuredProduct[];
  /** Whether the budget sufficed for every kernel of every class. */
  complete: boolean;
}

/** A kernel must be faster than the usual one by more than measurements differ. */
const WORTHWHILE = 0.97;

/**
 * Kernels that are worth the measuring: on software adapters those with barriers never win, and take seconds to
 * compile.
 */
const timed = (adapter: Adapter, { layout, sizes }: Shape, usual: Kernel): Kernel[] =>
  candidates(adapter, layout, sizes).filter((kernel) => kernel !== usual && (!adapter.software || kernel.barrierFree));

/**
 * Yields after each class. Where the budget ends within a class, the best of what was measured counts; classes after it
 * are left out.
 * @param classes the most important first
 */
export async function* tune(
  adapter: Adapter,
  classes: readonly Shape[],
  { measure, now, deadline, signal }: Tuning,
): AsyncGenerator<TuningProgress, TuningResult> {
  const found: MeasuredProduct[] = [];
  let complete = true;
  const isLate = (): boolean => now() >= deadline;
  for (const [done, shape] of classes.entries()) {
    if (isLate()) return { products: found, complete: false };
    yield { done, total: classes.length };
    const usual = usualKernel(adapter, shape.layout, shape.sizes);
    const others = timed(adapter, shape, usual);
    const usualMs = others.length > 0 ? await measure(usual, shape) : Infinity;
    let best = { kernel: usual, ms: usualMs };
    for (const kernel of others) {
      throwIfCancelled(signal);
      if (isLate()) {
        complete = false;
        break;
      }
      // A kernel that this device refuses is no choice here.
      const ms = await measure(kernel, shape).catch(() => Infinity);
      if (ms < best.ms && ms < WORTHWHILE * usualMs) best = { kernel, ms };
    }
    const rate = (ms: number): number => flopsOf(shape) / (1e6 * ms);
    if (Number.isFinite(usualMs))
      found.push({
        product: nameOf(shape),
        kernel: best.kernel.name,
        rate: rate(best.ms),
        usual: usual.name,
        usualRate: rate(usualMs),
      });
  }
  return { products: found, complete };
}
