/** What all matrix product kernels share: how operands lie in memory, how a kernel describes itself, and its bindings. */
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
  bias: boolean;
  /** Bits a value of B where it is a packed matrix (kernels/packed), else null. Never so in the layout TN. */
  packed: Bits | null;
}

/** One way to compute a product on the GPU. */
export interface Kernel {
  name: string;
  /** Uses no workgroup memory, so that software adapters run it as plain loops. */
  barrierFree: boolean;
  /** Needs the feature `subgroups`, with subgroups of exactly four threads. */
  subgroupsOfFour: boolean;
  /** Whether it can compute products of these sizes. */
  fits(layout: Layout, sizes: Sizes): boolean;
  /** WGSL with A and B at bindings 0 and 1, then the bias [n] if there is one, C, and the uniforms m, n, k and, for a packed B, scalesAt. */
  code(layout: Layout, operands: Operands): string;
  workgroups(sizes: Sizes): [number, number];
}

/** Lines or terms of generated WGSL. */
export const list = (count: number, line: (i: number) => string, separator = '\n'): string => Array.from({ length: count }, (_, i) => line(i)).join(separator);

/** Bindings of a kernel that reads and writes `element`s, and how a packed B is read. */
export function declarations({ bias, packed }: Operands, element: 'f32' | 'vec4f'): string {
  const inputs = ['a', 'b', ...(bias ? ['bias'] : [])];
  return [
    `struct Uniforms { m: u32, n: u32, k: u32${packed ? ', scalesAt: u32' : ''} }`,
    ...inputs.map((name, i) => `@group(0) @binding(${i}) var<storage, read> ${name}: array<${packed && name === 'b' ? 'u32' : element}>;`),
    `@group(0) @binding(${inputs.length}) var<storage, read_write> c: array<${element}>;`,
    `@group(0) @binding(${inputs.length + 1}) var<uniform> u: Uniforms;`,
    packed ? quadReader('b', packed) : '',
  ].join('\n');
}

/** Four values of B: number `at` of the quads in memory. */
export const quadOfB = ({ packed }: Operands, at: string): string => (packed ? `bQuad(${at}, u.scalesAt)` : `b[${at}]`);
