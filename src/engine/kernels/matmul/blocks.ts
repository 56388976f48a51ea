/**
 * Matrix products in blocks that go through workgroup memory, a tile of the result in each thread's registers: what
 * GPUs run best. With `pieces` the depth is divided among workgroups and a second pass (pieces.ts) adds up, for
 * products that have few blocks and a long depth.
 */
import { columnSums } from './column-sums';
import {
  declarations,
  list,
  ofA,
  ofB,
  overParts,
  pieceDeclarations,
  type Kernel,
  type Layout,
  type Sizes,
} from './layout';
import type { Operands } from './operands';

export interface Blocks {
  /** Rows and columns of the result that a workgroup computes. */
  rows: number;
  columns: number;
  /** Steps of the depth that are in workgroup memory at once. */
  depth: 8 | 16;
  /** Rows and columns of the result that a thread computes: multiples of four. */
  tile: readonly [rows: number, columns: number];
  /** Loads the next values into registers while these are multiplied, so that memory and arithmetic overlap. */
  ahead: boolean;
  /** Pieces of the depth; 1 for all of it at once. */
  pieces: number;
}

/** One operand's way from memory into a workgroup: `lines` rows (or columns) of the result, `depth` steps. */
interface Fill {
  /** Name in memory (of A or a B) and in workgroup memory. */
  from: string;
  to: 'left' | 'right';
  /** The depth runs along a row of the matrix, else the result's rows (or columns) do. */
  spread: boolean;
  lines: number;
  /** First line of the block, and how many the matrix has. */
  first: string;
  size: string;
}

/** A quad more a line than is used keeps threads that write one line after the other off the same memory bank. */
const padded = (lines: number): number => lines / 4 + 1;

const threadsOf = ({ rows, columns, tile }: Blocks): number => (rows / tile[0]) * (columns / tile[1]);

const fillsOf = (blocks: Blocks, layout: Layout, a: string, b: string): Fill[] => [
  { from: a, to: 'left', spread: layout !== 'TN', lines: blocks.rows, first: 'top', size: 'u.m' },
  { from: b, to: 'right', spread: layout === 'NT', lines: blocks.columns, first: 'start', size: 'u.n' },
];

/** Quads that each thread copies. */
const loadsOf = (blocks: Blocks, { lines }: Fill): number => (lines * blocks.depth) / 4 / threadsOf(blocks);

/** Where each of a thread's quads lies at step 0 of the depth, where it goes, and whether its line is in the matrix. */
function places(blocks: Blocks, fill: Fill): string {
  const { to, spread, lines, first, size } = fill;
  const [quads, across] = [blocks.depth / 4, lines / 4];
  return list(loadsOf(blocks, fill), (i) => {
    const number = `(thread + ${i * threadsOf(blocks)}u)`;
    return spread
      ? `let ${to}Line${i} = ${number} / ${quads}u; let ${to}Step${i} = ${number} % ${quads}u * 4u;
    let ${to}Inside${i} = ${first} + ${to}Line${i} < ${size};
    let ${to}From${i} = ((${first} + ${to}Line${i}) * u.k + ${to}Step${i}) / 4u;`
      : `let ${to}Line${i} = ${number} % ${across}u; let ${to}Step${i} = ${number} / ${across}u;
    let ${to}Inside${i} = ${first} / 4u + ${to}Line${i} < ${size} / 4u;
    let ${to}From${i} = ${to}Step${i} * (${size} / 4u) + ${first} / 4u + ${to}Line${i};`;
  });
}

/** Reads of a thread's quads at step `k`: zeros beyond the matrix, which add nothing. */
function loads(
  blocks: Blocks,
  fill: Fill,
  layout: Layout,
  operands: Operands,
  k: string,
  target: (i: number) => string,
): string {
  const { from, to, spread, size } = fill;
  return list(loadsOf(blocks, fill), (i) => {
    const at = `${to}From${i} + ${spread ? `(${k}) / 4u` : `(${k}) * (${size} / 4u)`}`;
    const quad = to === 'left' ? ofA(operands, from, `ahead + ${at}`) : ofB(layout, operands, from, at);
    return `${target(i)} = select(vec4f(), ${quad}, ${to}Inside${i} && (${k}) + ${to}Step${i} < last);`;
  });
}

/** Writes a thread's quads to workgroup memory, where a step of the depth is a line in any layout. */
const stores = (blocks: Blocks, fill: Fill): string =>
  list(loadsOf(blocks, fill), (i) => {
    const { to, spread } = fill;
    if (!spread) return `${to}[${to}Step${i}][${to}Line${i}] = ${to}Quad${i};`;
    return list(
      4,
      (c) => `${to}[${to}Step${i} + ${c}u][${to}Line${i} / 4u][${to}Line${i} % 4u] = ${to}Quad${i}[${c}];`,
      ' ',
    );
  });

/**
 * Adds the products of the steps in workgroup memory. A thread's quads lie a workgroup's breadth apart, so that
 * neighbours read neighbours.
 */
function sums({ rows, columns, depth, tile }: Blocks): string {
  const [down, across] = [tile[0] / 4, tile[1] / 4];
  return /* wgsl */ `for (var d = 0u; d < ${depth}u; d++) {
      ${list(down, (q) => `let l${q} = left[d][at.y + ${(q * rows) / tile[0]}u];`, ' ')}
      ${list(across, (p) => `let r${p} = right[d][at.x + ${(p * columns) / tile[1]}u];`, ' ')}
      ${list(tile[0], (i) => list(across, (p) => `s${i}_${p} += l${i >> 2}[${i & 3}] * r${p};`, ' '))}
    }`;
}

function loop(blocks: Blocks, layout: Layout, operands: Operands, b: string, a: string, ahead: string): string {
  const fills = fillsOf(blocks, layout, a, b);
  const each = (line: (fill: Fill) => string): string => fills.map(line).join('\n');
  const read = (k: string, declare: 'let ' | 'var ' | ''): string =>
    each((fill) => loads(blocks, fill, layout, operands, k, (i) => `${declare}${fill.to}Quad${i}`));
  return /* wgsl */ `let ahead = ${ahead};
  ${blocks.ahead ? read('first', 'var ') : ''}
  for (var k = first; k < last; k += ${blocks.depth}u) {
    ${blocks.ahead ? '' : read('k', 'let ')}
    ${each((fill) => stores(blocks, fill))}
    workgroupBarrier();
    ${blocks.ahead ? read(`k + ${blocks.depth}u`, '') : ''}
    ${sums(blocks)}
    workgroupBarrier();
  }`;
}

/** The steps of the depth in hand: all, or a piece of whole blocks. */
const steps = ({ pieces, depth }: Blocks): string =>
  pieces === 1
    ? 'let part = block.z; let first = 0u; let last = u.k;'
    : `let part = block.z / ${pieces}u;
  let length = (u.k + ${pieces * depth - 1}u) / ${pieces * depth}u * ${depth}u;
  let first = block.z % ${pieces}u * length;
  let last = min(first + length, u.k);`;

function code(blocks: Blocks, layout: Layout, operands: Operands): string {
  const { rows, columns, depth, tile, pieces } = blocks;
  const [across, threads] = [columns / tile[1], threadsOf(blocks)];
  const summing = { quads: rows / 4, turns: Math.min(depth, threads / (rows / 4)), scratch: 'left' };
  return /* wgsl */ `
${pieces === 1 ? declarations(layout, operands, 'vec4f') : pieceDeclarations(layout, operands, pieces)}
var<workgroup> left: array<array<vec4f, ${padded(rows)}>, ${depth}>;
var<workgroup> right: array<array<vec4f, ${padded(columns)}>, ${depth}>;
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) block: vec3u, @builtin(local_invocation_index) thread: u32) {
  let at = vec2u(thread % ${across}u, thread / ${across}u);
  let top = block.y * ${rows}u;
  let start = block.x * ${columns}u;
  let plane = block.z;
  ${steps(blocks)}
  ${operands.columnSums ? columnSums(operands, summing) : ''}
  ${fillsOf(blocks, layout, '', '')
    .map((fill) => places(blocks, fill))
    .join('\n')}
  ${list(tile[0], (i) => list(tile[1] / 4, (p) => `var s${i}_${p} = vec4f();`, ' '))}
  ${overParts(layout, operands, '(u.m * u.k / 4u)', (b, a, ahead) => loop(blocks, layout, operands, b, a, ahead))}
  ${list(
    tile[1] / 4,
    (p) => `{
    let column = start / 4u + at.x + ${p * across}u;
    if (column < u.n / 4u) {
      let bias = ${pieces === 1 ? 'biasOf(part, column)' : 'vec4f()'};
      ${list(
        tile[0],
        (i) => `{ let row = top + (at.y + ${((i >> 2) * rows) / tile[0]}u) * 4u + ${i & 3}u;
      if (row < u.m) { put(plane, row, column, s${i}_${p} + bias); } }`,
      )}
    }
  }`,
  )}
}`;
}

/** Pieces are for products that would leave most of a GPU idle, and each must be worth a workgroup's start. */
const MOST_BLOCKS = 512;
const LEAST_BLOCKS_A_PIECE = 4;

function fits({ rows, columns, depth, pieces }: Blocks, layout: Layout, { m, n, k }: Sizes): boolean {
  if (n % 4 !== 0 || (layout === 'TN' ? m : k) % 4 !== 0) return false;
  return (
    pieces === 1 ||
    (k >= pieces * depth * LEAST_BLOCKS_A_PIECE && Math.ceil(m / rows) * Math.ceil(n / columns) <= MOST_BLOCKS)
  );
}

export function blockKernel(blocks: Blocks): Kernel {
  const { rows, columns, depth, tile, ahead, pieces } = blocks;
  const how = `${ahead ? ', ahead' : ''}${pieces > 1 ? `, ${pieces} pieces` : ''}`;
  return {
    name: `blocks ${rows} × ${columns} × ${depth}, tiles ${tile[0]} × ${tile[1]}${how}`,
    barrierFree: false,
    subgroupsOfFour: false,
    threads: threadsOf(blocks),
    workgroupBytes: 16 * depth * (padded(rows) + padded(columns)),
    pieces,
    fits: (layout, sizes) => fits(blocks, layout, sizes),
    code: (layout, operands) => code(blocks, layout, operands),
    workgroups: ({ m, n }) => [Math.ceil(n / columns), Math.ceil(m / rows)],
  };
}
