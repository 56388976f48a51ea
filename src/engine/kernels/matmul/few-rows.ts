/**
 * Matrix products with few rows, as when a model writes one token after the other: B is read once, as fast as memory
 * gives it, and the threads of a workgroup divide the depth among them.
 */
import { columnSums } from './column-sums';
import { declarations, list, ofA, ofB, overParts, type Kernel, type Layout, type Sizes } from './layout';
import type { Operands } from './operands';

export interface FewRows {
  /** Rows at most: 1, or a multiple of four. */
  rows: number;
}

/** NT: threads side by side read along rows of B. */
const TALL = { columns: 8, lanes: 16 };
/** NN and TN: they read quads of columns side by side. */
const WIDE = { columns: 32, lanes: 16 };
const THREADS = 128;

/** In workgroup memory: a quad of columns of each lane, in NT for every row. */
const quadsOf = ({ rows }: FewRows, layout: Layout): number =>
  layout === 'NT' ? (rows * TALL.columns) / 4 : WIDE.columns / 4;

/** Row `i` of A, or the last where there are fewer. */
const row = (i: number): string => (i === 0 ? '0u' : `min(${i}u, u.m - 1u)`);

/** NT: each thread has one column, and every row of it. */
const tallLoop = ({ rows }: FewRows, operands: Operands, b: string, a: string, ahead: string): string => /* wgsl */ `
  for (var q = lane; q < depth; q += ${TALL.lanes}u) {
    let right = ${ofB('NT', operands, b, 'fromB + q')};
    ${list(rows, (i) => `s${i} += dot(${ofA(operands, a, `${ahead} + ${row(i)} * depth + q`)}, right);`)}
  }`;

const tall = (few: FewRows, operands: Operands): string => /* wgsl */ `
  let lane = thread % ${TALL.lanes}u;
  let mine = thread / ${TALL.lanes}u;
  let depth = u.k / 4u;
  let fromB = min(start + mine, u.n - 1u) * depth;
  ${list(few.rows, (i) => `var s${i} = 0.0;`, ' ')}
  ${overParts('NT', operands, '(u.m * u.k / 4u)', (b, a, ahead) => tallLoop(few, operands, b, a, ahead))}
  ${list(few.rows, (i) => `partial[lane][${(i * TALL.columns) / 4}u + mine / 4u][mine % 4u] = s${i};`)}
  workgroupBarrier();
  let column = start / 4u + thread % ${TALL.columns / 4}u;
  let mineNow = thread / ${TALL.columns / 4}u;
  if (mineNow < min(${few.rows}u, u.m) && column < u.n / 4u) {
    var sum = biasOf(part, column);
    for (var i = 0u; i < ${TALL.lanes}u; i++) { sum += partial[i][thread]; }
    put(part, mineNow, column, sum);
  }`;

/** NN: four steps of the depth at once, which lie side by side in A. */
const wideLoopNN = ({ rows }: FewRows, operands: Operands, b: string, a: string, ahead: string): string => /* wgsl */ `
  for (var q = lane; q < u.k / 4u; q += ${WIDE.lanes}u) {
    ${list(4, (c) => `let right${c} = ${ofB('NN', operands, b, `(q * 4u + ${c}u) * across + read`)};`)}
    ${list(
      rows,
      (i) => `{ let left = ${a}[${ahead} + ${row(i)} * (u.k / 4u) + q];
    s${i} += ${list(4, (c) => `left[${c}] * right${c}`, ' + ')}; }`,
    )}
  }`;

/** TN: the rows of a step lie side by side in A. */
const wideLoopTN = ({ rows }: FewRows, operands: Operands, b: string, a: string, ahead: string): string => /* wgsl */ `
  for (var d = lane; d < u.k; d += ${WIDE.lanes}u) {
    let right = ${ofB('TN', operands, b, 'd * across + read')};
    ${list(
      rows / 4,
      (q) => `{ let left = ${a}[${ahead} + d * (u.m / 4u) + min(${q}u, u.m / 4u - 1u)];
    ${list(4, (i) => `s${4 * q + i} += left[${i}] * right;`, ' ')} }`,
    )}
  }`;

/**
 * NN and TN: each thread has a quad of columns. The lanes' sums are added a row at a time, for the sake of workgroup
 * memory.
 */
const wide = (few: FewRows, layout: 'NN' | 'TN', operands: Operands): string => /* wgsl */ `
  let mine = thread % ${WIDE.columns / 4}u;
  let lane = thread / ${WIDE.columns / 4}u;
  let across = u.n / 4u;
  let column = start / 4u + mine;
  let read = min(column, across - 1u);
  ${list(few.rows, (i) => `var s${i} = vec4f();`, ' ')}
  ${overParts(layout, operands, '(u.m * u.k / 4u)', (b, a, ahead) => {
    const loop = layout === 'NN' ? wideLoopNN : wideLoopTN;
    return loop(few, operands, b, a, ahead);
  })}
  ${list(
    few.rows,
    (r) => `partial[lane][mine] = s${r};
  workgroupBarrier();
  if (lane == 0u && ${r}u < u.m && column < across) {
    var sum = biasOf(part, column);
    for (var i = 0u; i < ${WIDE.lanes}u; i++) { sum += partial[i][mine]; }
    put(part, ${r}u, column, sum);
  }
  workgroupBarrier();`,
  )}`;

function code(few: FewRows, layout: Layout, operands: Operands): string {
  const { columns, lanes } = layout === 'NT' ? TALL : WIDE;
  return /* wgsl */ `
${declarations(layout, operands, 'vec4f')}
var<workgroup> partial: array<array<vec4f, ${quadsOf(few, layout)}>, ${lanes}>;
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) block: vec3u, @builtin(local_invocation_index) thread: u32) {
  let start = block.x * ${columns}u;
  let part = block.z;
  ${
    operands.columnSums
      ? `let top = 0u; let plane = part; let first = 0u; let last = u.k;
  ${columnSums(operands, { quads: few.rows / 4, turns: lanes, scratch: 'partial' })}`
      : ''
  }
  ${layout === 'NT' ? tall(few, operands) : wide(few, layout, operands)}
}`;
}

const fits = ({ rows }: FewRows, layout: Layout, { m, n, k }: Sizes): boolean =>
  m <= rows && n % 4 === 0 && (layout === 'TN' ? m : k) % 4 === 0;

export function fewRowsKernel(few: FewRows): Kernel {
  return {
    name: few.rows === 1 ? 'one row' : `up to ${few.rows} rows`,
    barrierFree: false,
    subgroupsOfFour: false,
    threads: THREADS,
    workgroupBytes: 16 * Math.max(quadsOf(few, 'NT') * TALL.lanes, quadsOf(few, 'NN') * WIDE.lanes),
    pieces: 1,
    fits: (layout, sizes) => fits(few, layout, sizes),
    code: (layout, operands) => code(few, layout, operands),
    workgroups: ({ n }, layout) => [Math.ceil(n / (layout === 'NT' ? TALL : WIDE).columns), 1],
  };
}
