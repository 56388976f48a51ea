import { expect, it } from 'vitest';
import type { MeasuredProduct } from '../../../domain/tuning';
import type { Adapter } from '../../backend/gpu-device';
import { candidates, usualKernel } from './choice';
import { classOf, nameOf } from './classes';
import { PLAIN, type Kernel, type Layout } from './layout';
import type { Operands } from './operands';
import type { Shape } from './passes';
import { tune, type Tuning } from './tune';

const GPU: Adapter = {
  name: 'any',
  identity: 'any',
  software: false,
  subgroupsOfFour: false,
  maxBufferBytes: 2 ** 27,
  mostThreads: 256,
  workgroupBytes: 2 ** 15,
};
const shape = (layout: Layout, m: number, n: number, k: number, more: Partial<Operands> = {}): Shape => ({
  layout,
  sizes: { m, n, k },
  operands: { ...PLAIN, ...more },
});
const LARGE = shape('NT', 256, 384, 384);
const DEEP = shape('TN', 384, 384, 2048, { columnSums: true });
const FAVOURITE = 'blocks 128 × 64 × 16, tiles 8 × 8';

/** Tunes with made-up times; the clock goes on by ten a measurement. */
async function tuned(
  classes: readonly Shape[],
  ms: (kernel: Kernel, shape: Shape) => number,
  more: Partial<Tuning> & { adapter?: Adapter } = {},
): Promise<{ found: MeasuredProduct[]; complete: boolean; asked: string[]; at: number }> {
  const { adapter = GPU, ...options } = more;
  const asked: string[] = [];
  let at = 0;
  const run = tune(adapter, classes, {
    measure: async (kernel, shape) => {
      asked.push(`${shape.layout}: ${kernel.name}`);
      at += 10;
      return ms(kernel, shape);
    },
    now: () => at,
    deadline: 1e6,
    signal: new AbortController().signal,
    ...options,
  });
  for (;;) {
    const next = await run.next();
    if (next.done) return { found: next.value.products, complete: next.value.complete, asked, at };
  }
}

it('takes the fastest of all kernels that can compute a class, and says how fast it is', async () => {
  const { found, complete, asked } = await tuned([LARGE], ({ name }) => (name === FAVOURITE ? 0.5 : 1));
  const flops = 2 * 256 * 384 * 384;
  expect(found).toEqual([
    {
      product: 'NT 256 × 384 × 384',
      kernel: FAVOURITE,
      rate: flops / 0.5e6,
      usual: usualKernel(GPU, 'NT', LARGE.sizes).name,
      usualRate: flops / 1e6,
    },
  ]);
  expect(complete).toBe(true);
  expect(asked).toHaveLength(candidates(GPU, 'NT', LARGE.sizes).length);
});

it('keeps the usual kernel where others are faster by no more than measurements differ', async () => {
  const usual = usualKernel(GPU, 'NT', LARGE.sizes);
  expect((await tuned([LARGE], (kernel) => (kernel === usual ? 1 : 0.98))).found[0]?.kernel).toBe(usual.name);
});

it('begins nothing after its deadline, and takes the best of a class that was cut short', async () => {
  const { found, complete, asked, at } = await tuned(
    [DEEP, LARGE],
    (kernel, { layout }) => (layout === 'TN' && kernel.name === 'blocks 32 × 32 × 16, tiles 4 × 4' ? 0.1 : 1),
    { deadline: 55 },
  );
  expect(asked).toHaveLength(6);
  expect(at).toBe(60);
  expect(complete).toBe(false);
  expect(found.map(({ product, kernel }) => [product, kernel])).toEqual([
    ['TN 384 × 384 × 2048, column sums', 'blocks 32 × 32 × 16, tiles 4 × 4'],
  ]);
});

it('passes over kernels that the device refuses', async () => {
  const usual = usualKernel(GPU, 'NT', LARGE.sizes);
  const { found } = await tuned([LARGE], (kernel) => {
    if (kernel !== usual) throw new Error('no such thing');
    return 1;
  });
  expect(found[0]?.kernel).toBe(usual.name);
});

it('measures on software adapters only what can win there', async () => {
  const software: Adapter = { ...GPU, software: true };
  const { asked } = await tuned([LARGE], () => 1, { adapter: software });
  expect(asked.sort()).toEqual(['NT: any shape', 'NT: registers 16 × 16', 'NT: registers 8 × 8']);
});

it('can be cancelled', async () => {
  await expect(tuned([LARGE], () => 1, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
});

it('tells classes apart by what matters to speed', () => {
  expect(nameOf(shape('NT', 200, 384, 384, { bias: true, gelu: 'erf' }))).toBe('NT 256 × 384 × 384');
  expect(nameOf(shape('TN', 384, 96, 130, { parts: 3 }))).toBe('TN 384 × 96 × 256, 3 at once');
  expect(nameOf(shape('NN', 1, 64, 96, { packed: 4, plus: [1] }))).toBe('NN 1 × 64 × 96, 4 bits');
  expect(classOf(shape('NT', 200, 384, 384, { bias: true }))).toEqual(shape('NT', 256, 384, 384));
});
