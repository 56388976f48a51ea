/**
 * The sums of A's columns that a product in the layout TN gives beside C, for kernels with workgroup memory: a further
 * column of workgroups.
 */
import { partOfA } from './layout';
import type { Operands } from './operands';

/**
 * Threads that sum `quads` quads of columns, `turns` for each, which take turns over the depth and add up through
 * `scratch`[turn][quad].
 */
export interface ColumnSums {
  quads: number;
  turns: number;
  scratch: string;
}

/**
 * WGSL that ends the workgroups beyond the last column. It needs `thread`, `start` and `top` (the workgroup's first
 * column and row), `part`, `plane` (where `putSum` writes), and the steps of the depth `first` to `last`.
 */
export const columnSums = (operands: Operands, { quads, turns, scratch }: ColumnSums): string => /* wgsl */ `
  if (start >= u.n) {
    let mine = thread % ${quads}u;
    let turn = thread / ${quads}u;
    let quad = top / 4u + mine;
    let inside = turn < ${turns}u && quad < u.m / 4u;
    var sum = vec4f();
    if (inside) {
      ${partOfA(
        operands,
        '(u.m * u.k / 4u)',
        (a, ahead) => `for (var k = first + turn; k < last; k += ${turns}u) {
        sum += ${a}[${ahead} + k * (u.m / 4u) + quad]; }`,
      )}
    }
    if (turn < ${turns}u) { ${scratch}[turn][mine] = sum; }
    workgroupBarrier();
    if (turn == 0u && inside) {
      for (var i = 1u; i < ${turns}u; i++) { sum += ${scratch}[i][mine]; }
      putSum(plane, quad, sum);
    }
    return;
  }`;
