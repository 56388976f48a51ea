/** Cross-entropy against a distribution a row: class weights and label smoothing folded into one target matrix. */

export interface CrossEntropyOptions {
  /** Weight a class, or null for equal ones. */
  weights: Float32Array | null;
  smoothing: number;
}

/** Rows with this label count for nothing, as in torch. */
export const IGNORE = -100;

/**
 * Targets T [N, C] with loss = −Σ T·log softmax / denominator: torch's CrossEntropyLoss(weight, label_smoothing) has
 * T = (1 − ε)·w[y]·1[c = y] + (ε / C)·w[c].
 */
export function targets(
  labels: Int32Array,
  classes: number,
  { weights, smoothing }: CrossEntropyOptions,
): Float32Array {
  const matrix = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => {
    if (label === IGNORE) return;
    const row = matrix.subarray(i * classes, (i + 1) * classes);
    if (smoothing > 0) for (let c = 0; c < classes; c++) row[c] = (smoothing / classes) * (weights?.[c] ?? 1);
    row[label] = (row[label] ?? 0) + (1 - smoothing) * (weights?.[label] ?? 1);
  });
  return matrix;
}

/** What a mean divides by: the summed weights of the labels that count. */
export function totalWeight(labels: Int32Array, weights: Float32Array | null): number {
  return labels.reduce((sum, label) => (label === IGNORE ? sum : sum + (weights?.[label] ?? 1)), 0);
}
