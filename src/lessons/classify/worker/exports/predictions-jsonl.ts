/** predictions.jsonl: held-out rows with what the model said, for others to compare with. */

export interface PredictionRow {
  /** Data row of the source, from 1. */
  row: number;
  text: string;
  textPair?: string;
  expected: string;
  predicted: string;
  /** As many as labels; one for regression. */
  logits: Float32Array;
}

/** One JSON object a line; logits are 32-bit floats written so that they read back as the same floats. */
export function predictionsJsonl(rows: readonly PredictionRow[]): string {
  return rows
    .map(({ row, text, textPair, expected, predicted, logits }) =>
      JSON.stringify({
        row,
        text,
        ...(textPair === undefined ? {} : { text_pair: textPair }),
        expected,
        predicted,
        logits: Array.from(logits),
      }),
    )
    .map((line) => `${line}\n`)
    .join('');
}
