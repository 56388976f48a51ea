/** The dispatches that a product takes with a kernel, before any tensor is bound. */
import { hasFactors } from './bindings';
import { planes, resultParts, type Kernel, type Layout, type Sizes } from './layout';
import type { Operands } from './operands';
import { pieceFloats, sumCode, sumWorkgroups } from './pieces';

/** A product's kind and sizes. */
export interface Shape {
  layout: Layout;
  operands: Operands;
  sizes: Sizes;
}

export interface Pass {
  code: string;
  /** Shapes of what it writes. */
  outputs: number[][];
  /** m, n, k and, for a packed B and before `factors`, scalesAt; whole numbers. */
  uniforms: number[];
  /** Whether scale and dropout come after them. */
  factors: boolean;
  workgroups: [number, number, number];
}

/**
 * Shapes of the results: C ([parts, m, n] where it has planes; one for each in TN and where it is split), then slope or
 * column sums.
 */
function resultsOf({ layout, operands, sizes: { m, n } }: Shape): number[][] {
  const { parts, split, gelu, columnSums } = operands;
  const each = (shape: number[]): number[][] => Array.from({ length: parts }, () => shape);
  const planes = resultParts(layout, operands);
  return [
    ...(layout === 'TN' || split === 'c' ? each([m, n]) : [planes > 1 ? [planes, m, n] : [m, n]]),
    ...(gelu ? [[m, n]] : []),
    ...(columnSums ? each([m]) : []),
  ];
}

/**
 * One pass that reads A, every B and then what the results are finished with; or, where the kernel sums pieces, one
 * that reads A and every B, and one that reads the pieces and then the rest.
 */
export function passesOf(kernel: Kernel, shape: Shape, scalesAt: number | null): [Pass] | [Pass, Pass] {
  const { layout, operands, sizes } = shape;
  const [across, down] = kernel.workgroups(sizes, layout);
  const factors = hasFactors(operands);
  const plain = [sizes.m, sizes.n, sizes.k, ...(factors ? [scalesAt ?? 0] : [])];
  const first: Pass = {
    code: kernel.code(layout, operands),
    outputs: kernel.pieces === 1 ? resultsOf(shape) : [[pieceFloats(layout, operands, sizes, kernel.pieces)]],
    uniforms: scalesAt === null || factors ? plain : [...plain, scalesAt],
    factors,
    workgroups: [operands.columnSums ? across + 1 : across, down, planes(layout, operands, kernel.pieces)],
  };
  if (kernel.pieces === 1) return [first];
  return [
    first,
    {
      code: sumCode(layout, operands, kernel.pieces),
      outputs: resultsOf(shape),
      uniforms: plain,
      factors,
      workgroups: sumWorkgroups(layout, operands, sizes),
    },
  ];
}
