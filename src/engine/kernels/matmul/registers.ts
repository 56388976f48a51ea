/**
 * Matrix products without barriers: a thread keeps a large tile of the result in registers. Software adapters run these
 * best: they run a workgroup that has a barrier as slow coroutines, and pay about as much for one loaded value as for
 * fifteen multiplications.
 */
import { declarations, list, ofA, ofB, overParts, partOfA, type Kernel, type Layout } from './layout';
import type { Operands } from './operands';

/**
 * A tile of `rows` × `columns` results a thread; with `share` four neighbouring threads load a row tile together
 * (subgroups of four).
 */
export interface RegisterTile {
  rows: number;
  columns: number;
  share: boolean;
}

const LANES = 4;

/**
 * Loads of four steps of the depth: values a<row> over the depth, or a<step>_<quad of rows> where rows lie side by
 * side; of B alike, right<column> or right<step>_<quad of columns>.
 */
function loadsOfA({ rows, share }: RegisterTile, layout: Layout, operands: Operands, a: string): string {
  const quads = rows / 4;
  if (layout !== 'TN') {
    if (!share) return list(rows, (i) => `let a${i} = ${ofA(operands, a, `rowA${i} + ka`)};`);
    return [
      list(quads, (i) => `let mine${i} = ${ofA(operands, a, `rowA + ${i}u * stepA + ka`)};`),
      list(rows, (i) => `let a${i} = subgroupBroadcast(mine${i % quads}, ${Math.floor(i / quads)}u);`),
    ].join('\n');
  }
  if (!share)
    return list(
      4,
      (d) =>
        `let ka${d} = (k * 4u + ${d}u) * stepA + rowA + ahead;
        ${list(quads, (i) => `let a${d}_${i} = ${a}[ka${d} + ${i}u];`)}`,
    );
  return [
    `let ka = (k * 4u + lane) * stepA + rowA + ahead;`,
    list(quads, (i) => `let mine${i} = ${a}[ka + ${i}u];`),
    list(4, (d) => list(quads, (i) => `let a${d}_${i} = subgroupBroadcast(mine${i}, ${d}u);`)),
  ].join('\n');
}

const loadsOfB = ({ columns }: RegisterTile, layout: Layout, operands: Operands, b: string): string =>
  layout === 'NT'
    ? list(columns, (j) => `let right${j} = ${ofB(layout, operands, b, `rowB${j} + k`)};`)
    : list(
        4,
        (d) =>
          `let kb${d} = (k * 4u + ${d}u) * stepB + rowB;
          ${list(columns / 4, (j) => `let right${d}_${j} = ${ofB(layout, operands, b, `kb${d} + ${j}u`)};`)}`,
      );

/**
 * One addition to each sum for four steps of the depth: every assignment to a variable costs a masked store on software
 * adapters.
 */
function sums({ rows, columns }: RegisterTile, layout: Layout): string {
  const a = (i: number, d: number): string => (layout === 'TN' ? `a${d}_${i >> 2}[${i & 3}]` : `a${i}[${d}]`);
  const term = (i: number, j: number): string =>
    layout === 'NT'
      ? `vec4f(${list(4, (c) => `dot(a${i}, right${4 * j + c})`, ', ')})`
      : list(4, (d) => `${a(i, d)} * right${d}_${j}`, ' + ');
  return list(rows, (i) => list(columns / 4, (j) => `s${i}_${j} += ${term(i, j)};`));
}

/** Whether the kernel can compute these sizes; rows beyond the last are computed and not written. */
const fits = ({ columns }: RegisterTile, layout: Layout, m: number, n: number, k: number): boolean =>
  n % columns === 0 && k % 4 === 0 && (layout !== 'TN' || m % 4 === 0);

/** The further column of workgroups: each thread sums a quad of A's columns, of those that are the tile's rows. */
const columnSums = ({ rows, columns }: RegisterTile, operands: Operands): string => /* wgsl */ `
  if (block.x * ${columns * LANES}u >= u.n) {
    let quad = row / 4u + thread;
    if (thread < ${rows / 4}u && quad < u.m / 4u) {
      var sum = vec4f();
      ${partOfA(
        operands,
        '(u.m * u.k / 4u)',
        (a, ahead) => `for (var k = 0u; k < u.k; k++) {
        sum += ${a}[${ahead} + k * (u.m / 4u) + quad]; }`,
      )}
      putSum(part, quad, sum);
    }
    return;
  }`;

function code(tile: RegisterTile, layout: Layout, operands: Operands): string {
  const { rows, columns, share } = tile;
  const quads = columns / 4;
  const rowOfA = share && layout !== 'TN' ? `row + lane * ${rows / 4}u` : 'row';
  return /* wgsl */ `${share ? 'enable subgroups;' : ''}
${declarations(layout, operands, 'vec4f')}
@compute @workgroup_size(${LANES})
fn main(
  @builtin(workgroup_id) block: vec3u,
  @builtin(local_invocation_index) thread: u32,
  ${share ? '@builtin(subgroup_invocation_id) lane: u32,' : ''}
) {
  let column = (block.x * ${LANES}u + thread) * ${columns}u;
  let row = block.y * ${rows}u;
  let part = block.z;
  ${operands.columnSums ? columnSums(tile, operands) : ''}
  let depth = u.k / 4u;
  let across = u.n / 4u;
  ${
    layout === 'TN'
      ? 'let stepA = u.m / 4u; let rowA = row / 4u;'
      : `let stepA = depth;
  let rowA = (${rowOfA}) * depth;`
  }
  ${layout !== 'TN' && !share ? list(rows, (i) => `let rowA${i} = rowA + ${i}u * depth;`) : ''}
  ${
    layout === 'NT'
      ? list(columns, (j) => `let rowB${j} = (column + ${j}u) * depth;`)
      : 'let stepB = across; let rowB = column / 4u;'
  }
  ${list(rows, (i) => list(quads, (j) => `var s${i}_${j} = vec4f();`, ' '))}
  ${overParts(
    layout,
    operands,
    `(u.m * u.k / 4u)`,
    (b, a, ahead) => `let ahead = ${ahead};
  for (var k = 0u; k < depth; k++) {
    ${layout === 'TN' ? '' : 'let ka = k + ahead;'}
    ${loadsOfA(tile, layout, operands, a)}
    ${loadsOfB(tile, layout, operands, b)}
    ${sums(tile, layout)}
  }`,
  )}
  if (column >= u.n) { return; }
  let left = column / 4u;
  ${list(quads, (j) => `let bias${j} = biasOf(part, left + ${j}u);`)}
  ${list(
    rows,
    (i) => `if (row + ${i}u >= u.m) { return; }
  ${list(quads, (j) => `put(part, row + ${i}u, left + ${j}u, s${i}_${j} + bias${j});`, ' ')}`,
  )}
}`;
}

export function registerKernel(tile: RegisterTile): Kernel {
  return {
    name: `registers ${tile.rows} × ${tile.columns}${tile.share ? ', loads shared' : ''}`,
    barrierFree: true,
    subgroupsOfFour: tile.share,
    threads: LANES,
    workgroupBytes: 0,
    pieces: 1,
    fits: (layout, { m, n, k }) => fits(tile, layout, m, n, k),
    code: (layout, operands) => code(tile, layout, operands),
    workgroups: ({ m, n }) => [Math.ceil(n / (tile.columns * LANES)), Math.ceil(m / tile.rows)],
  };
}
