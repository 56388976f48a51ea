/** A matrix product for every shape, value by value: 4 × 4 results a thread, edges checked. For small and odd sizes. */
import { declarations, list, ofA, ofB, overParts, partOfA, type Kernel, type Layout } from './layout';
import type { Operands } from './operands';

const TILE = 4;
const WORKGROUP = 64;

/**
 * Distances in memory: from row to row of A and B (of the result's rows and columns), and from step to step of the
 * depth.
 */
const STRIDES: Record<Layout, { rowA: string; stepA: string; rowB: string; stepB: string }> = {
  NT: { rowA: 'u.k', stepA: '1u', rowB: 'u.k', stepB: '1u' },
  NN: { rowA: 'u.k', stepA: '1u', rowB: '1u', stepB: 'u.n' },
  TN: { rowA: '1u', stepA: 'u.m', rowB: '1u', stepB: 'u.n' },
};

/** The further column of workgroups: a thread a column of A. */
const columnSums = (operands: Operands): string => /* wgsl */ `
  if (block.x * ${TILE * WORKGROUP}u >= u.n) {
    if (lane < ${TILE}u && row + lane < u.m) {
      var sum = 0.0;
      ${partOfA(
        operands,
        'u.m * u.k',
        (a, ahead) => `for (var k = 0u; k < u.k; k++) {
        sum += ${a}[${ahead} + k * u.m + row + lane]; }`,
      )}
      putSum(part, row + lane, sum);
    }
    return;
  }`;

function code(layout: Layout, operands: Operands): string {
  const { rowA, stepA, rowB, stepB } = STRIDES[layout];
  const valueOfB = (b: string, at: string): string =>
    operands.packed ? `${ofB(layout, operands, b, `(${at}) / 4u`)}[(${at}) % 4u]` : ofB(layout, operands, b, at, 'f32');
  return /* wgsl */ `
${declarations(layout, operands, 'f32')}
@compute @workgroup_size(${WORKGROUP})
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) block: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let column = id.x * ${TILE}u;
  let row = id.y * ${TILE}u;
  let part = block.z;
  ${operands.columnSums ? columnSums(operands) : ''}
  if (column >= u.n) { return; }
  ${list(
    TILE,
    (i) => `let left${i} = min(row + ${i}u, u.m - 1u) * ${rowA};
  let right${i} = min(column + ${i}u, u.n - 1u) * ${rowB}; var s${i} = vec4f();`,
  )}
  ${overParts(
    layout,
    operands,
    'u.m * u.k',
    (b, a, ahead) => `for (var k = 0u; k < u.k; k++) {
    let ka = k * ${stepA} + ${ahead};
    let kb = k * ${stepB};
    let right = vec4f(${list(TILE, (j) => valueOfB(b, `right${j} + kb`), ', ')});
    ${list(TILE, (i) => `s${i} += ${ofA(operands, a, `left${i} + ka`)} * right;`)}
  }`,
  )}
  let sums = array<vec4f, ${TILE}>(s0, s1, s2, s3);
  for (var i = 0u; i < ${TILE}u && row + i < u.m; i++) {
    for (var j = 0u; j < ${TILE}u && column + j < u.n; j++) {
      put(part, row + i, column + j, sums[i][j] + biasOf(part, column + j)); }
  }
}`;
}

export const ANY_SHAPE: Kernel = {
  name: 'any shape',
  barrierFree: true,
  subgroupsOfFour: false,
  threads: WORKGROUP,
  workgroupBytes: 0,
  pieces: 1,
  fits: () => true,
  code,
  workgroups: ({ m, n }) => [Math.ceil(n / (TILE * WORKGROUP)), Math.ceil(m / TILE)],
};
