/**
 * What all matrix product kernels share: how operands lie in memory, what becomes of the sums, how a kernel describes
 * itself.
 */
import { must } from '../../../base/assert';
import { geluFunction } from '../gelu/wgsl';
import type { Operands } from './operands';
import { bindings, type Element } from './bindings';

/**
 * Transpositions of C[m, n] = A·B, row-major. NT: A is [m, k], B is given as [n, k]; NN: [m, k] and [k, n]; TN: A is
 * given as [k, m], B is [k, n]. A linear layer's forward pass is NT, its input gradient NN, its weight gradient TN.
 */
export type Layout = 'NT' | 'NN' | 'TN';

export interface Sizes {
  m: number;
  n: number;
  k: number;
}

/** A product and nothing else. */
export const PLAIN: Operands = {
  parts: 1,
  apart: false,
  split: null,
  bias: false,
  packed: null,
  scaled: false,
  drop: null,
  gelu: null,
  times: false,
  plus: [],
  columnSums: false,
};

/** One way to compute a product on the GPU. */
export interface Kernel {
  name: string;
  /** Uses no workgroup memory, so that software adapters run it as plain loops. */
  barrierFree: boolean;
  /** Needs the feature `subgroups`, with subgroups of exactly four threads. */
  subgroupsOfFour: boolean;
  /** Threads of a workgroup. */
  threads: number;
  /** Workgroup memory it takes. */
  workgroupBytes: number;
  /** Pieces of the depth that are summed apart, for a second pass to add up; 1 where there is no second pass. */
  pieces: number;
  /** Whether it can compute products of these sizes. */
  fits(layout: Layout, sizes: Sizes): boolean;
  /**
   * WGSL with the bindings that `declarations` declares; `part` of the results, or `plane` of the pieces', is counted
   * by the workgroups' z.
   */
  code(layout: Layout, operands: Operands): string;
  /** Workgroups of one part; where column sums are wanted a further column of workgroups computes them. */
  workgroups(sizes: Sizes, layout: Layout): [number, number];
}

/** Lines or terms of generated WGSL. */
export const list = (count: number, line: (i: number) => string, separator = '\n'): string =>
  Array.from({ length: count }, (_, i) => line(i)).join(separator);

/** How many A, B, biases, C and column sums there are. */
export function counts(
  layout: Layout,
  { parts, split, bias, columnSums }: Operands,
): { a: number; b: number; bias: number; c: number; sums: number } {
  return {
    a: split === 'a' ? parts : 1,
    b: layout === 'TN' ? 1 : parts,
    bias: bias ? (layout === 'NT' ? parts : 1) : 0,
    c: layout === 'TN' || split === 'c' ? parts : 1,
    sums: columnSums ? parts : 0,
  };
}

/** Parts whose results are computed apart, counted by the workgroups' z. */
export const resultParts = (layout: Layout, { parts, apart }: Operands): number =>
  layout === 'NN' && !apart ? 1 : parts;

/** Runs the line of the part in hand. */
const byPart = (count: number, line: (part: number) => string): string =>
  count === 1
    ? line(0)
    : `switch (part) { ${list(count, (p) => `${p < count - 1 ? `case ${p}u` : 'default'}: { ${line(p)} }`, ' ')} }`;

const numbered = (name: string, many: number): string[] => Array.from({ length: many }, (_, i) => `${name}${i}`);

/** A and every B, in the order of their bindings. */
function matrices(layout: Layout, operands: Operands): string[] {
  const { a, b } = counts(layout, operands);
  return [...(operands.split === 'a' ? numbered('planeA', a) : ['a']), ...numbered('b', b)];
}

/** Tensors beside A and B that a product reads, in the order of their bindings, and those that it writes. */
function others(layout: Layout, operands: Operands): { inputs: string[]; outputs: string[] } {
  const { gelu, times, plus } = operands;
  const count = counts(layout, operands);
  return {
    inputs: [...numbered('bias', count.bias), ...(times ? ['times'] : []), ...numbered('plus', plus.length)],
    outputs: [...numbered('c', count.c), ...(gelu ? ['slope'] : []), ...numbered('sums', count.sums)],
  };
}

/**
 * `biasOf(part, column)`, `put(part, row, column, sum)` and `putSum(part, at, sum)`, where columns and places are
 * counted in elements.
 */
function finish(layout: Layout, operands: Operands, element: Element): string {
  const { split, scaled, drop, gelu, times, plus } = operands;
  const count = counts(layout, operands);
  const across = element === 'f32' ? 'u.n' : '(u.n / 4u)';
  const inPlanes = count.c === 1 && resultParts(layout, operands) > 1;
  const terms = plus.map((many, t) =>
    list(many, (p) => `value += plus${t}[at${p === 0 ? '' : ` + ${p}u * u.m * ${across}`}];`, ' '),
  );
  const added =
    split === 'c' && terms.length > 0 ? byPart(count.c, (p) => must(terms[p], 'what is added')) : terms.join(' ');
  return /* wgsl */ `
${gelu ? geluFunction(gelu, element) : ''}
fn biasOf(part: u32, column: u32) -> ${element} {
  ${
    count.bias
      ? `var bias = ${element}();
  ${byPart(count.bias, (p) => `bias = bias${p}[column];`)} return bias;`
      : `return ${element}();`
  }
}
fn put(part: u32, row: u32, column: u32, sum: ${element}) {
  let inC = row * ${across} + column;
  let at = ${inPlanes ? `part * u.m * ${across} + inC` : 'inC'};
  var value = sum;
  ${scaled ? 'value *= u.scale;' : ''}
  ${drop === 'sums' ? 'value = dropped(value, part, inC);' : ''}
  ${gelu ? `${added} let bent = gelu(value); value = bent.value; slope[at] = bent.slope;` : ''}
  ${times ? 'value *= times[at];' : ''}
  ${gelu ? '' : added}
  ${byPart(count.c, (p) => `c${p}[at] = value;`)}
}
fn putSum(part: u32, at: u32, sum: ${element}) {
  ${count.sums ? byPart(count.sums, (p) => `sums${p}[at] = sum;`) : ''} }`;
}

/**
 * Bindings of a kernel that reads and writes `element`s: a (or planeA0 …), b0 …, bias0 …, times, plus0 …; c0 …, slope,
 * sums0 …; the uniforms m, n, k and, for a packed B, scalesAt; with a scale or dropout also scalesAt, scale, threshold,
 * keep, a word that is not used and the keys of four parts. And functions: how a packed B is read, dropout, and those
 * of `finish`.
 */
export function declarations(layout: Layout, operands: Operands, element: Element): string {
  const { inputs, outputs } = others(layout, operands);
  return (
    bindings([...matrices(layout, operands), ...inputs], outputs, operands, element) + finish(layout, operands, element)
  );
}

/** Planes of pieces: a plane of results for each piece of each part. */
export const planes = (layout: Layout, operands: Operands, pieces: number): number =>
  resultParts(layout, operands) * pieces;

/**
 * Of a kernel that sums pieces: a (or planeA0 …), b0 …; `pieces`, the planes of C and after them those of the column
 * sums; uniforms and functions as above, by plane.
 */
export function pieceDeclarations(layout: Layout, operands: Operands, pieces: number): string {
  return /* wgsl */ `${bindings(matrices(layout, operands), ['pieces'], operands, 'vec4f')}
fn put(plane: u32, row: u32, column: u32, sum: vec4f) { pieces[(plane * u.m + row) * (u.n / 4u) + column] = sum; }
fn putSum(plane: u32, at: u32, sum: vec4f) {
  pieces[${planes(layout, operands, pieces)}u * u.m * (u.n / 4u) + plane * (u.m / 4u) + at] = sum; }`;
}

/** Of the pass that adds the pieces up: pieces, bias0 …, times, plus0 …; the results and the uniforms. */
export function sumDeclarations(layout: Layout, operands: Operands): string {
  const { inputs, outputs } = others(layout, operands);
  return bindings(['pieces', ...inputs], outputs, operands, 'vec4f') + finish(layout, operands, 'vec4f');
}

/** What a part reads of A: the name, and how far ahead its plane begins. */
type FromA = (a: string, ahead: string) => string;

/**
 * WGSL for the plane of A, or the A, of the part in hand.
 * @param plane elements of a plane of A
 */
export const partOfA = ({ parts, split }: Operands, plane: string, line: FromA): string =>
  split === 'a' ? byPart(parts, (p) => line(`planeA${p}`, '0u')) : line('a', parts === 1 ? '0u' : `part * ${plane}`);

/**
 * The loop over the depth, for each part as it needs it.
 * @param plane elements of a plane of A
 * @param loop its WGSL, for the B and the A of those names, with `ahead` added to every place in A
 */
export function overParts(
  layout: Layout,
  operands: Operands,
  plane: string,
  loop: (b: string, ...from: Parameters<FromA>) => string,
): string {
  if (layout === 'TN') return partOfA(operands, plane, (a, ahead) => loop('b0', a, ahead));
  const { b } = counts(layout, operands);
  const shared = layout === 'NT' && !operands.apart;
  const ofPart = (p: number): string =>
    operands.split === 'a'
      ? loop(`b${p}`, `planeA${p}`, '0u')
      : loop(`b${p}`, 'a', shared || p === 0 ? '0u' : `${p}u * ${plane}`);
  return layout === 'NT' || operands.apart ? byPart(b, ofPart) : list(b, (p) => `{ ${ofPart(p)} }`);
}

/** Values number `at` of the A of that name, counted in the elements that the kernel reads. */
export const ofA = ({ drop }: Operands, a: string, at: string): string =>
  drop === 'a' ? `dropped(${a}[${at}], part, ${at})` : `${a}[${at}]`;

/** Values number `at` of the B of that name; in quads where it is packed. */
export function ofB(
  layout: Layout,
  { packed, apart, drop }: Operands,
  b: string,
  at: string,
  element: Element = 'vec4f',
): string {
  if (packed) return `${b}Quad(${at}, u.scalesAt)`;
  if (drop === 'b') return `dropped(${b}[${at}], part, ${at})`;
  return apart && layout === 'TN'
    ? `${b}[part * u.k * ${element === 'f32' ? 'u.n' : '(u.n / 4u)'} + ${at}]`
    : `${b}[${at}]`;
}
