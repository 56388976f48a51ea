/** Matrix products in blocks that go through workgroup memory, 4 × 4 results a thread: what GPUs run best. */
import { declarations, list, overParts, quadOfB, type Kernel, type Layout, type Operands, type Sizes } from './layout';

/** Rows and columns of the result that one workgroup computes. */
export interface Block {
  rows: number;
  columns: number;
}

/** Steps of the depth that are in workgroup memory at once. */
const DEPTH = 16;
const QUADS = DEPTH / 4;

/** A read that yields zeros beyond the matrix, which add nothing. */
const checked = (quad: string, inside: string): string => `select(vec4f(), ${quad}, ${inside})`;

/** Copies a block of `a`, or of the B of that name; `spread` says that the depth runs along a row of the matrix, else the result's rows (or columns) do. */
function fill(array: string, operands: Operands, spread: boolean, lines: number, threads: number): string {
  const quad = (at: string): string => (array === 'a' ? `a[ahead + ${at}]` : quadOfB(operands, array, at));
  const [tile, first, size] = array === 'a' ? ['left', 'top', 'u.m'] : ['right', 'start', 'u.n'];
  const count = (lines * QUADS) / threads;
  const at = (i: number): string => `thread + ${i * threads}u`;
  if (spread)
    return list(count, (i) => `{ let line = (${at(i)}) / ${QUADS}u; let d = (${at(i)}) % ${QUADS}u;
      ${tile}[line][d] = ${checked(quad(`(${first} + line) * depth + k + d`), `${first} + line < ${size} && k + d < depth`)}; }`);
  const across = lines / 4;
  return list(count, (i) => `{ let d = (${at(i)}) / ${across}u; let line = (${at(i)}) % ${across}u;
      ${tile}[d][line] = ${checked(quad(`(k * 4u + d) * (${size} / 4u) + ${first} / 4u + line`), `k * 4u + d < u.k && ${first} / 4u + line < ${size} / 4u`)}; }`);
}

/** Sums of four steps of the depth, at quad `d` of the block. */
function sums(layout: Layout): string {
  const a = layout === 'TN' ? list(4, (e) => `let a${e} = left[d * 4u + ${e}u][at.y];`) : list(4, (i) => `let a${i} = left[at.y * 4u + ${i}u][d];`);
  const value = (i: number, e: number): string => (layout === 'TN' ? `a${e}[${i}]` : `a${i}[${e}]`);
  if (layout === 'NT')
    return [a, list(4, (j) => `let right${j} = right[at.x * 4u + ${j}u][d];`), list(4, (i) => `s${i} += vec4f(${list(4, (j) => `dot(a${i}, right${j})`, ', ')});`)].join('\n');
  return [a, list(4, (e) => `let right${e} = right[d * 4u + ${e}u][at.x];`), list(4, (i) => `s${i} += ${list(4, (e) => `${value(i, e)} * right${e}`, ' + ')};`)].join('\n');
}

/**
 * The further column of workgroups: sums of the columns of A that are the block's rows, each quad by several threads that take turns over the
 * depth and add up through workgroup memory.
 */
function columnSums({ rows, columns }: Block): string {
  const [quads, turns] = [rows / 4, columns / 4];
  return /* wgsl */ `
  if (start >= u.n) {
    let mine = thread % ${quads}u;
    let turn = thread / ${quads}u;
    let quad = top / 4u + mine;
    var sum = vec4f();
    if (quad < u.m / 4u) { for (var k = turn; k < u.k; k += ${turns}u) { sum += a[(part * u.k + k) * (u.m / 4u) + quad]; } }
    left[turn][mine] = sum;
    workgroupBarrier();
    if (turn == 0u && quad < u.m / 4u) {
      for (var i = 1u; i < ${turns}u; i++) { sum += left[i][mine]; }
      putSum(part, quad, sum);
    }
    return;
  }`;
}

function code(size: Block, layout: Layout, operands: Operands): string {
  const { rows, columns } = size;
  const threads = (rows / 4) * (columns / 4);
  // One more quad a line than is used keeps neighbouring threads off the same memory bank.
  const tile = (spread: boolean, lines: number): string => (spread ? `array<array<vec4f, ${QUADS + 1}>, ${lines}>` : `array<array<vec4f, ${lines / 4}>, ${DEPTH}>`);
  return /* wgsl */ `
${declarations(layout, operands, 'vec4f')}
var<workgroup> left: ${tile(layout !== 'TN', rows)};
var<workgroup> right: ${tile(layout === 'NT', columns)};
@compute @workgroup_size(${columns / 4}, ${rows / 4})
fn main(@builtin(workgroup_id) block: vec3u, @builtin(local_invocation_id) at: vec3u) {
  let thread = at.y * ${columns / 4}u + at.x;
  let top = block.y * ${rows}u;
  let start = block.x * ${columns}u;
  let part = block.z;
  ${operands.columnSums ? columnSums(size) : ''}
  let depth = u.k / 4u;
  let across = u.n / 4u;
  ${list(4, (i) => `var s${i} = vec4f();`, ' ')}
  ${overParts(layout, operands, '(u.m * u.k / 4u)', (b, ahead) => `let ahead = ${ahead};
  for (var k = 0u; k < depth; k += ${QUADS}u) {
    ${fill('a', operands, layout !== 'TN', rows, threads)}
    ${fill(b, operands, layout === 'NT', columns, threads)}
    workgroupBarrier();
    for (var d = 0u; d < ${QUADS}u; d++) {
      ${sums(layout)}
    }
    workgroupBarrier();
  }`)}
  let column = start / 4u + at.x;
  if (column >= across) { return; }
  let bias = biasOf(part, column);
  ${list(4, (i) => `{ let row = top + at.y * 4u + ${i}u; if (row < u.m) { put(part, row, column, s${i} + bias); } }`)}
}`;
}

const fits = (layout: Layout, { m, n, k }: Sizes): boolean => n % 4 === 0 && k % 4 === 0 && (layout !== 'TN' || m % 4 === 0);

export function sharedKernel(block: Block): Kernel {
  return {
    name: `shared ${block.rows} × ${block.columns}`,
    barrierFree: false,
    subgroupsOfFour: false,
    fits,
    code: (layout, operands) => code(block, layout, operands),
    workgroups: ({ m, n }) => [Math.ceil(n / block.columns), Math.ceil(m / block.rows)],
  };
}
