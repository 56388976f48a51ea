/** What is worth knowing of rows for a model that writes, in sentences, and what stands in the way of training. */
import { noneUsable, repeatWarnings, rowsOf } from '../../../data/health';
import type { HealthFacts, LessonHealth } from '../../../data/reading';
import type { Layout, WritingMapping } from './columns';
import { findings } from './findings';

/** What most of the rows are wrong with, after "None of the rows can be used:". */
const REASONS: Record<string, string> = {
  'empty-text': 'the texts are empty',
  'empty-prompt': 'the questions are empty',
  'empty-answer': 'the answers are empty',
  'bad-messages': 'the messages cannot be read',
  'bad-roles': 'the roles are not known',
  'same-speaker': 'user and assistant do not take turns',
  'assistant-first': 'the assistant begins',
  'user-last': 'no answer follows the last question',
  'system-inside': 'system turns stand in the middle',
  'tool-turns': 'they call tools',
  'has-media': 'they hold images, sounds or files',
  'not-learned': 'every answer has weight 0',
  'marked-bad': 'the answers are marked as bad',
  'bad-mark': 'the marks say neither good nor bad',
  'equal-sides': 'the chosen and the rejected answers are the same',
  'unknown-split': 'the split column names no known split',
};

/** Of rows mapped and laid out so. */
export const health = (facts: HealthFacts, mapping: WritingMapping, layout: Layout): LessonHealth => ({
  blocker: blocker(facts, mapping, layout),
  warnings: warnings(facts),
  findings: findings(facts.scan, mapping),
  imbalance: null,
  emptyTexts: facts.scan.byProblem.get('empty-text') ?? 0,
});

/** Why training cannot start, or null. */
function blocker(facts: HealthFacts, { columns }: WritingMapping, { needs }: Layout): string | null {
  const missing = needs.filter((role) => columns[role] === undefined);
  if (missing.length > 0) return `No column is chosen for: ${missing.join(', ')}.`;
  if (facts.scan.usable === 0) return noneUsable(facts, REASONS);
  return facts.splitRows.train < 1 ? 'No row is left for training.' : null;
}

function warnings(facts: HealthFacts): string[] {
  const { conflicts } = facts.scan;
  const found = repeatWarnings(facts);
  if (conflicts > 0)
    found.push(
      `${rowsOf(conflicts)} ${conflicts === 1 ? 'asks' : 'ask'} what an earlier one asks but ` +
        `${conflicts === 1 ? 'answers' : 'answer'} differently.`,
    );
  return found;
}
