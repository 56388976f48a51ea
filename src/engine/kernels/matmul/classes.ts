/** Classes of products: those that differ in nothing but about the number of tokens share a kernel. */
import { PLAIN, type Layout, type Sizes } from './layout';
import type { Shape } from './passes';

const powerOfTwo = (size: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, size)));

/** Tokens are the rows of the result, or in TN the depth. */
const rounded = (layout: Layout, { m, n, k }: Sizes): Sizes =>
  layout === 'TN' ? { m, n, k: powerOfTwo(k) } : { m: powerOfTwo(m), n, k };

/** The product that stands for its class: tokens rounded up to a power of two, nothing that costs little. */
export const classOf = ({ layout, operands: { parts, apart, packed, columnSums }, sizes }: Shape): Shape => ({
  layout,
  operands: { ...PLAIN, parts, apart, packed, columnSums },
  sizes: rounded(layout, sizes),
});

/** The class in words. */
export function nameOf(shape: Shape): string {
  const { layout, operands, sizes } = classOf(shape);
  return [
    `${layout} ${sizes.m} × ${sizes.n} × ${sizes.k}`,
    ...(operands.parts > 1 ? [`${operands.parts} ${operands.apart ? 'apart' : 'at once'}`] : []),
    ...(operands.packed ? [`${operands.packed} bits`] : []),
    ...(operands.columnSums ? ['column sums'] : []),
  ].join(', ');
}
