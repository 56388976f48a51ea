/**
 * The second pass of a product whose depth was divided: adds up the pieces, always in the same order, and finishes the
 * results.
 */
import { list, planes, resultParts, sumDeclarations, type Layout, type Sizes } from './layout';
import type { Operands } from './operands';

const WORKGROUP = 64;

/** Floats of all pieces: planes of C, then planes of column sums. */
export const pieceFloats = (layout: Layout, operands: Operands, { m, n }: Sizes, pieces: number): number =>
  planes(layout, operands, pieces) * (m * n + (operands.columnSums ? m : 0));

/**
 * A thread for each quad of C, after them one for each quad of column sums; the parts are counted by the workgroups' z.
 */
export function sumWorkgroups(layout: Layout, operands: Operands, { m, n }: Sizes): [number, number, number] {
  return [Math.ceil((m * n + (operands.columnSums ? m : 0)) / (4 * WORKGROUP)), 1, resultParts(layout, operands)];
}

const sum = (pieces: number, at: (i: number) => string): string => list(pieces, (i) => `pieces[${at(i)}]`, ' + ');

export function sumCode(layout: Layout, operands: Operands, pieces: number): string {
  return /* wgsl */ `
${sumDeclarations(layout, operands)}
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let across = u.n / 4u;
  let plane = u.m * across;
  let part = id.z;
  let at = id.x;
  if (at < plane) {
    let first = part * ${pieces}u * plane + at;
    put(part, at / across, at % across, ${sum(pieces, (i) => `first + ${i}u * plane`)} + biasOf(part, at % across));
    return;
  }
  ${
    operands.columnSums
      ? `let high = u.m / 4u; let quad = at - plane;
  if (quad < high) {
    let first = ${planes(layout, operands, pieces)}u * plane + part * ${pieces}u * high + quad;
    putSum(part, quad, ${sum(pieces, (i) => `first + ${i}u * high`)});
  }`
      : ''
  }
}`;
}
