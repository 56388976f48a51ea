/** What PEFT takes away from a weight when it loads an adapter that was begun from the weight itself. */
import { SeededRandom } from '../../base/random';
import type { BaseChange } from '../../formats/peft-config';
import { addProduct, type Dense } from './matrices';

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

/** Takes away from `vector` what lies along the basis, twice for exactness, and returns the length that is left. */
function orthogonalized(vector: Float64Array, basis: readonly Float64Array[]): number {
  for (let pass = 0; pass < 2; pass++)
    for (const other of basis) {
      const along = dot(vector, other);
      for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) - along * (other[i] ?? 0);
    }
  return Math.sqrt(dot(vector, vector));
}

function scaled(vector: Float64Array, factor: number): Float64Array {
  return vector.map((value) => value * factor);
}

/** W·x, or Wᵀ·x. */
function times({ rows, columns, values }: Dense, x: Float64Array, across: boolean): Float64Array {
  const y = new Float64Array(across ? columns : rows);
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    if (across) for (let i = 0; i < columns; i++) y[i] = (y[i] ?? 0) + (values[at + i] ?? 0) * (x[row] ?? 0);
    else {
      let sum = 0;
      for (let i = 0; i < columns; i++) sum += (values[at + i] ?? 0) * (x[i] ?? 0);
      y[row] = sum;
    }
  }
  return y;
}

/** Eigenvectors of a symmetric matrix, largest eigenvalue first, by Jacobi's rotations (Golub & Van Loan, 8.5). */
function eigen(matrix: number[][]): { values: number[]; vectors: Float64Array[] } {
  const n = matrix.length;
  const vectors = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (__, j) => (i === j ? 1 : 0)));
  const at = (i: number, j: number): number => matrix[i]?.[j] ?? 0;
  const turn = (list: readonly (number[] | Float64Array)[], p: number, q: number, c: number, s: number): void => {
    for (const row of list) {
      const [x, y] = [row[p] ?? 0, row[q] ?? 0];
      row[p] = c * x - s * y;
      row[q] = s * x + c * y;
    }
  };
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    let diagonal = 0;
    for (let p = 0; p < n; p++) {
      diagonal += at(p, p) ** 2;
      for (let q = p + 1; q < n; q++) off += at(p, q) ** 2;
    }
    if (off <= 1e-30 * diagonal) break;
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (at(p, q) === 0) continue;
        const theta = (at(q, q) - at(p, p)) / (2 * at(p, q));
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        turn(matrix, p, q, c, t * c);
        const [rowP = [], rowQ = []] = [matrix[p], matrix[q]];
        for (let k = 0; k < n; k++) {
          const [x, y] = [rowP[k] ?? 0, rowQ[k] ?? 0];
          rowP[k] = c * x - t * c * y;
          rowQ[k] = t * c * x + c * y;
        }
        turn(vectors, p, q, c, t * c);
      }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => at(j, j) - at(i, i));
  return {
    values: order.map((i) => at(i, i)),
    vectors: order.map((i) => Float64Array.from({ length: n }, (_, row) => vectors[row]?.[i] ?? 0)),
  };
}

/**
 * The first `count` left singular vectors of W [rows, columns], by Lanczos' method on W·Wᵀ with full
 * reorthogonalization (Golub & Van Loan, 10.1), which is extended until they stand still.
 */
export function leftSingularVectors(weight: Dense, count: number): Float64Array[] {
  const { rows } = weight;
  const random = new SeededRandom(1, 'singular vectors');
  const fresh = (basis: readonly Float64Array[]): Float64Array => {
    const vector = Float64Array.from({ length: rows }, () => random.normal());
    return scaled(vector, 1 / orthogonalized(vector, basis));
  };
  const basis: Float64Array[] = [fresh([])];
  const images: Float64Array[] = [];
  const [diagonal, beside]: [number[], number[]] = [[], []];
  let wanted = Math.min(rows, 2 * count + 24);
  for (;;) {
    for (let k = images.length; k < wanted; k++) {
      const current = basis[k] ?? new Float64Array(rows);
      const image = times(weight, times(weight, current, true), false);
      images.push(image);
      diagonal.push(dot(image, current));
      const next = image.slice();
      const left = orthogonalized(next, basis);
      if (k + 1 === rows) break;
      const isSpent = left <= 1e-14 * Math.abs(diagonal[0] ?? 0);
      beside.push(isSpent ? 0 : left);
      basis.push(isSpent ? fresh(basis) : scaled(next, 1 / left));
    }
    const size = images.length;
    const small = Array.from({ length: size }, (_, i) =>
      Array.from({ length: size }, (__, j) =>
        i === j ? (diagonal[i] ?? 0) : Math.abs(i - j) === 1 ? (beside[Math.min(i, j)] ?? 0) : 0,
      ),
    );
    const { values, vectors } = eigen(small);
    // What a Ritz vector lacks to be an eigenvector is the next off-diagonal times its last component.
    const rest =
      Math.max(...vectors.slice(0, count).map((vector) => Math.abs(vector.at(-1) ?? 0))) * (beside[size - 1] ?? 0);
    if (size < rows && rest > 1e-10 * Math.abs(values[0] ?? 0)) {
      wanted = Math.min(rows, 2 * wanted);
      continue;
    }
    return vectors.slice(0, count).map((vector) => {
      const sum = new Float64Array(rows);
      vector.forEach((share, k) => basis[k]?.forEach((value, i) => (sum[i] = (sum[i] ?? 0) + share * value)));
      return sum;
    });
  }
}

/** An orthonormal basis of the first `count` columns of W [rows, columns]. */
function firstColumns({ rows, columns, values }: Dense, count: number): Float64Array[] {
  const basis: Float64Array[] = [];
  for (let column = 0; column < count; column++) {
    const vector = Float64Array.from({ length: rows }, (_, row) => values[row * columns + column] ?? 0);
    const length = orthogonalized(vector, basis);
    if (length > 0) basis.push(scaled(vector, 1 / length));
  }
  return basis;
}

/**
 * Takes away from W [out, in] what PEFT does when it loads an adapter of this rank: of PiSSA (arXiv:2404.02948) the
 * product of the first singular vectors, of OLoRA (arXiv:2406.01775) that of the first columns of Q and rows of R,
 * times the scaling, as PEFT has it.
 */
export function takeAway(weight: Dense, change: BaseChange, rank: number, scaling: number): void {
  if (change === 'none') return;
  const count = Math.min(rank, weight.rows, weight.columns);
  const basis = change === 'pissa' ? leftSingularVectors(weight, count) : firstColumns(weight, count);
  const left = { rows: weight.rows, columns: basis.length, values: new Float64Array(weight.rows * basis.length) };
  const right = {
    rows: basis.length,
    columns: weight.columns,
    values: new Float64Array(basis.length * weight.columns),
  };
  basis.forEach((vector, k) => {
    vector.forEach((value, row) => (left.values[row * basis.length + k] = value));
    right.values.set(times(weight, vector, true), k * weight.columns);
  });
  addProduct(weight, left, right, change === 'pissa' ? -1 : -scaling);
}
