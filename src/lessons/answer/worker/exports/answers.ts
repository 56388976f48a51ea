/** Test questions with the expected answer, the base model's and the fine-tuned one's. */
import { TabtuneError } from '../../../../base/errors';
import { exactMatch } from '../../../../domain/language-metrics';
import type { Export } from '../../../../worker/run/export';
import type { WritingRun } from '../run';

export const answers: Export<WritingRun> = {
  id: 'answers',
  card: {
    title: 'Answers',
    forWhom: 'For checking and for your records',
    about: 'answers.jsonl: test questions with the expected answer, the base model’s and the fine-tuned one’s.',
  },
  methods: ['full', 'lora'],
  async write({ record: { evaluation } }, name) {
    if (!evaluation || evaluation.answers.length === 0)
      throw new TabtuneError('bad-data', 'No answers to the test rows have been written yet.', {
        fix: 'Try the test rows under Evaluate first.',
      });
    const lines = evaluation.answers.map(
      (pair) => `${JSON.stringify({ ...pair, exact: exactMatch(pair.after, pair.expected) })}\n`,
    );
    return [{ path: `${name}-answers.jsonl`, bytes: new TextEncoder().encode(lines.join('')) }];
  },
};
