/**
 * How norms work over rows on WebGPU: a workgroup a row with sums through workgroup memory, on software adapters a
 * thread a row without barriers. Sums over columns, the gradients of a norm's weights, are further workgroups of the
 * same dispatch.
 */
import { gpuAdapter } from '../backend/gpu-device';
import { bindings, threads, WORKGROUP } from '../backend/gpu-run';

/** Threads that take turns over the rows of a column, where they can add up. */
const COLUMN_TURNS = 4;

/**
 * Every lane of a row takes each `LANES`-th of its columns, and `total` adds up over the lanes; so do those of a column
 * with its rows.
 */
const ROWS = {
  alone: /* wgsl */ `
const LANES = 1u;
fn total(lane: u32, value: vec2f) -> vec2f { return value; }
fn columnTotal(thread: u32, value: vec2f) -> vec2f { return value; }
const TURNS = 1u;`,
  shared: /* wgsl */ `
const LANES = ${WORKGROUP}u;
var<workgroup> partial: array<vec2f, LANES>;
fn total(lane: u32, value: vec2f) -> vec2f {
  partial[lane] = value;
  workgroupBarrier();
  for (var reach = LANES / 2u; reach > 0u; reach /= 2u) {
    if (lane < reach) { partial[lane] += partial[lane + reach]; }
    workgroupBarrier();
  }
  let sum = partial[0];
  workgroupBarrier();
  return sum;
}
const TURNS = ${COLUMN_TURNS}u;
fn columnTotal(thread: u32, value: vec2f) -> vec2f {
  partial[thread] = value;
  workgroupBarrier();
  var sum = value;
  for (var i = 1u; i < TURNS; i++) { sum += partial[(thread + i * ${WORKGROUP / COLUMN_TURNS}u) % ${WORKGROUP}u]; }
  return sum;
}`,
};

export type Rows = keyof typeof ROWS;

/** Two sums over each column. */
interface ColumnSums {
  /** A vec2f: what row `i` adds to the sums of `column`; `at` is where its value lies. */
  each: string;
  /** Puts away `sums` of `column`. */
  store: string;
}

export interface NormShader {
  kind: Rows;
  inputs: readonly string[];
  outputs: readonly string[];
  /** Of the uniforms, after `rows` and `width`. */
  fields?: string;
  /** Functions that the row uses. */
  functions?: string;
  columns?: ColumnSums | null;
  /**
   * The work of a `lane` on a `row`, which begins `at`. Each lane reads only what it has written itself: no barrier is
   * needed between passes.
   */
  row: string;
}

const columnSums = (kind: Rows, { each, store }: ColumnSums): string => /* wgsl */ `
  let rowBlocks = ${kind === 'alone' ? `(u.rows + ${WORKGROUP - 1}u) / ${WORKGROUP}u` : 'u.rows'};
  if (block >= rowBlocks) {
    let column = (block - rowBlocks) * (${WORKGROUP}u / TURNS) + thread % (${WORKGROUP}u / TURNS);
    let turn = thread / (${WORKGROUP}u / TURNS);
    var part = vec2f();
    if (column < u.width) {
      for (var i = turn; i < u.rows; i += TURNS) { let at = i * u.width + column; part += ${each}; }
    }
    let sums = columnTotal(thread, part);
    if (turn == 0u && column < u.width) { ${store} }
    return;
  }`;

export const normShader = ({
  kind,
  inputs,
  outputs,
  fields = '',
  functions = '',
  columns = null,
  row,
}: NormShader): string => /* wgsl */ `
${bindings(inputs, outputs, `rows: u32, width: u32, ${fields}`)}
${functions}
${ROWS[kind]}
@compute @workgroup_size(${WORKGROUP})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let block = group.x + group.y * groups.x;
  ${columns ? columnSums(kind, columns) : ''}
  ${
    kind === 'alone'
      ? `let row = block * ${WORKGROUP}u + thread;
  let lane = 0u;`
      : 'let row = block; let lane = thread;'
  }
  if (row >= u.rows) { return; }
  let at = row * u.width;
  ${row}
}`;

/** How rows are worked on here, and the workgroups for that and, where asked for, for sums over columns. */
export function normLayout(rows: number, columns = 0): { kind: Rows; workgroups: [number, number] } {
  const alone = gpuAdapter()?.software ?? false;
  const blocks = alone
    ? Math.ceil(rows / WORKGROUP) + Math.ceil(columns / WORKGROUP)
    : rows + Math.ceil((columns * COLUMN_TURNS) / WORKGROUP);
  return { kind: alone ? 'alone' : 'shared', workgroups: threads(blocks * WORKGROUP) };
}
