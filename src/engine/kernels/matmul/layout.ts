/** What all matrix product kernels share: how operands lie in memory, what becomes of the sums, how a kernel describes itself. */
import type { GeluForm } from '../gelu/reference';
import { geluFunction } from '../gelu/wgsl';
import type { Bits } from '../packed/matrix';
import { quadReader } from '../packed/wgsl';

/**
 * Transpositions of C[m, n] = A·B, row-major. NT: A is [m, k], B is given as [n, k]; NN: [m, k] and [k, n]; TN: A is given as [k, m],
 * B is [k, n]. A linear layer's forward pass is NT, its input gradient NN, its weight gradient TN.
 */
export type Layout = 'NT' | 'NN' | 'TN';

export interface Sizes {
  m: number;
  n: number;
  k: number;
}

/** What a kernel is made for, beside the layout. */
export interface Operands {
  /**
   * Layers of one input that are computed together, each with its own weight. NT: A times each B, in planes C[parts, m, n]; NN: the sum over
   * the planes of A[parts, m, k], each times its B; TN: each plane of A[parts, k, m] times the one B, in a C for each.
   */
  parts: number;
  /** Adds bias[n] to every row; in NT with parts one for each. */
  bias: boolean;
  /** Bits a value of B where it is a packed matrix (kernels/packed), else null. Never so in the layout TN, or with parts. */
  packed: Bits | null;
  /** The result is gelu of the sums, and its slope a second result. */
  gelu: GeluForm | null;
  /** Multiplies the result by `times`[m, n]. */
  times: boolean;
  /** Adds `plus`[m, n] to the result. */
  plus: boolean;
  /** TN: the sums of A's columns, [m], are further results, one for each part: a bias gradient beside the weight gradient. */
  columnSums: boolean;
}

/** A product and nothing else. */
export const PLAIN: Operands = { parts: 1, bias: false, packed: null, gelu: null, times: false, plus: false, columnSums: false };

/** One way to compute a product on the GPU. */
export interface Kernel {
  name: string;
  /** Uses no workgroup memory, so that software adapters run it as plain loops. */
  barrierFree: boolean;
  /** Needs the feature `subgroups`, with subgroups of exactly four threads. */
  subgroupsOfFour: boolean;
  /** Whether it can compute products of these sizes. */
  fits(layout: Layout, sizes: Sizes): boolean;
  /** WGSL with the bindings that `declarations` declares; `part` of the results is counted by the workgroups' z. */
  code(layout: Layout, operands: Operands): string;
  /** Workgroups of one part; where column sums are wanted a further column of workgroups computes them. */
  workgroups(sizes: Sizes): [number, number];
}

/** Lines or terms of generated WGSL. */
export const list = (count: number, line: (i: number) => string, separator = '\n'): string => Array.from({ length: count }, (_, i) => line(i)).join(separator);

/** How many B, biases, C and column sums there are. */
export function counts(layout: Layout, { parts, bias, columnSums }: Operands): { b: number; bias: number; c: number; sums: number } {
  return { b: layout === 'TN' ? 1 : parts, bias: bias ? (layout === 'NT' ? parts : 1) : 0, c: layout === 'TN' ? parts : 1, sums: columnSums ? parts : 0 };
}

/** Runs the line of the part in hand. */
const byPart = (count: number, line: (part: number) => string): string =>
  count === 1 ? line(0) : `switch (part) { ${list(count, (p) => `${p < count - 1 ? `case ${p}u` : 'default'}: { ${line(p)} }`, ' ')} }`;

/**
 * Bindings of a kernel that reads and writes `element`s: a, b0 …, bias0 …, times, plus; c0 …, slope, sums0 …; the uniforms m, n, k and, for a
 * packed B, scalesAt. And functions: how a packed B is read, `biasOf(part, column)`, `put(part, row, column, sum)` and `putSum(part, at, sum)`,
 * where columns and places are counted in elements.
 */
export function declarations(layout: Layout, operands: Operands, element: 'f32' | 'vec4f'): string {
  const { packed, gelu, times, plus } = operands;
  const count = counts(layout, operands);
  const numbered = (name: string, many: number): string[] => Array.from({ length: many }, (_, i) => `${name}${i}`);
  const inputs = ['a', ...numbered('b', count.b), ...numbered('bias', count.bias), ...(times ? ['times'] : []), ...(plus ? ['plus'] : [])];
  const outputs = [...numbered('c', count.c), ...(gelu ? ['slope'] : []), ...numbered('sums', count.sums)];
  const across = element === 'f32' ? 'u.n' : '(u.n / 4u)';
  return /* wgsl */ `
struct Uniforms { m: u32, n: u32, k: u32${packed ? ', scalesAt: u32' : ''} }
${inputs.map((name, i) => `@group(0) @binding(${i}) var<storage, read> ${name}: array<${packed && name === 'b0' ? 'u32' : element}>;`).join('\n')}
${outputs.map((name, i) => `@group(0) @binding(${inputs.length + i}) var<storage, read_write> ${name}: array<${element}>;`).join('\n')}
@group(0) @binding(${inputs.length + outputs.length}) var<uniform> u: Uniforms;
${packed ? quadReader('b0', packed) : ''}
${gelu ? geluFunction(gelu, element) : ''}
fn biasOf(part: u32, column: u32) -> ${element} {
  ${count.bias ? `var bias = ${element}(); ${byPart(count.bias, (p) => `bias = bias${p}[column];`)} return bias;` : `return ${element}();`}
}
fn put(part: u32, row: u32, column: u32, sum: ${element}) {
  let at = row * ${across} + column;
  var value = sum;
  ${gelu ? 'let bent = gelu(value); value = bent.value; slope[at] = bent.slope;' : ''}
  ${times ? 'value *= times[at];' : ''}
  ${plus ? 'value += plus[at];' : ''}
  ${layout === 'NT' ? `c0[part * u.m * ${across} + at] = value;` : byPart(count.c, (p) => `c${p}[at] = value;`)}
}
fn putSum(part: u32, at: u32, sum: ${element}) { ${count.sums ? byPart(count.sums, (p) => `sums${p}[at] = sum;`) : ''} }`;
}

/**
 * The loop over the depth, for each part as it needs it.
 * @param loop its WGSL, for the B of that name, with `ahead` added to every place in A
 * @param plane elements of a plane of A
 */
export function overParts(layout: Layout, operands: Operands, plane: string, loop: (b: string, ahead: string) => string): string {
  const { b } = counts(layout, operands);
  if (layout === 'NT') return byPart(b, (p) => loop(`b${p}`, '0u'));
  if (layout === 'NN') return list(b, (p) => `{ ${loop(`b${p}`, p === 0 ? '0u' : `${p}u * ${plane}`)} }`);
  return loop('b0', operands.parts === 1 ? '0u' : `part * ${plane}`);
}

/** Four values of the B of that name: number `at` of the quads in memory. */
export const quadOfB = ({ packed }: Operands, b: string, at: string): string => (packed ? `${b}Quad(${at}, u.scalesAt)` : `${b}[${at}]`);
