/**
 * What a run answers to `answer`: what the base model or the fine-tuned one says next in a conversation, sent as it is
 * written.
 */
import { TabtuneError } from '../../../base/errors';
import { checkGeneration } from '../../../domain/generation';
import { fitHistory } from '../../../text/fit-history';
import type { Ask } from '../../../worker/run/run';
import type { AnswerRequest, AnswerResult } from '../shared/asked';
import { answerSchema } from '../shared/asked';
import type { WritingRun } from './run';
import { writeAnswer } from './writing';

/** Throws `bad-config` for settings out of bounds and for a question that does not fit, `cancelled`. */
export function answerer(run: WritingRun): Ask {
  return async (params, { session, context }): Promise<AnswerResult> => {
    const { from, side, settings } = answerSchema.parse(params);
    const problems = checkGeneration(settings);
    if (problems.length > 0)
      throw new TabtuneError('bad-config', problems.join(' '), { fix: 'Correct the settings of the answer.' });
    const { ids, dropped } = promptOf(run, from, settings.maxNewTokens);
    const written = await writeAnswer(session, () => run.side(side), run.renderer, ids, {
      settings,
      signal: context.signal,
      onText: (text) => context.text(text),
    });
    return { ...written, dropped };
  };
}

/** What is continued: a text as training read texts, or as much of a conversation as fits. */
function promptOf(
  { renderer, start }: WritingRun,
  from: AnswerRequest['from'],
  maxNewTokens: number,
): { ids: number[]; dropped: number } {
  const room = start.model.maxPositions;
  if (typeof from !== 'string') return fitHistory(renderer, from, room, Math.min(maxNewTokens, Math.floor(room / 2)));
  return { ids: Array.from(renderer.format.tokenizer.encode(from, null, room - 1).ids), dropped: 0 };
}
