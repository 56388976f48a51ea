/** How the fine-tuned model judges the test pairs. */
import { must } from '../../../base/assert';
import type { SequenceScore } from '../../../engine/language-model';
import { meanRewards } from '../../../engine/objectives/dpo';
import type { WritingKind } from '../../answer/worker/kind';
import { scoredBy } from '../../answer/worker/report';
import { settings } from '../shared';

/**
 * Mean rewards, with what the model said before as the reference (as in DPO); rows are scored by their better answer.
 */
export const rewards: NonNullable<WritingKind['rewards']> = async (run, rows, chosen, call) => {
  const { beta } = settings.draft.parse(run.start.config);
  const rejected = rows.flatMap((row) => (row.kind === 'preference' ? [row.rejected] : []));
  const before = await scoredBy(run, 'before', rejected, call);
  const after = await scoredBy(run, 'after', rejected, call);
  const reward = (now: readonly SequenceScore[], then: readonly SequenceScore[]): number[] =>
    now.map((score, i) => beta * (score.logProbability - must(then[i], 'score').logProbability));
  return meanRewards([Float32Array.from([...reward(chosen.after, chosen.before), ...reward(after, before)])]);
};
