/** Every test row with its label, the answer and the scores behind it. */
import type { Export } from '../../../../worker/run/export';
import type { LabelRun } from '../run';
import { labelInWords, predictionInWords } from '../words';
import { predictionsJsonl } from './predictions-jsonl';

export const predictions: Export<LabelRun> = {
  id: 'predictions',
  card: {
    title: 'Predictions',
    forWhom: 'For checking and for your records',
    about: 'predictions.jsonl: every test row with its label, the answer and the scores behind it.',
  },
  methods: ['full', 'lora', 'head'],
  async write(run, name, call) {
    const { data, logits } = await run.testLogits(call);
    const { labels, mapping } = run.start;
    const lines = predictionsJsonl(
      data.testRows.map(({ row, text, textPair, label }, i) => {
        const scores = logits[i] ?? new Float32Array();
        return {
          row,
          text,
          ...(textPair === undefined ? {} : { textPair }),
          expected: labelInWords(mapping.task, labels, label),
          predicted: predictionInWords(mapping.task, labels, scores).predicted,
          logits: scores,
        };
      }),
    );
    return [{ path: `${name}-predictions.jsonl`, bytes: new TextEncoder().encode(lines) }];
  },
};
