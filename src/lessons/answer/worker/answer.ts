/**
 * The request `answer`: what the base model or the fine-tuned one says next in a conversation, sent as it is written.
 */
import type { ChatMessage } from '../../../domain/conversation';
import type { GenerationSettings } from '../../../domain/generation';
import { checkGeneration } from '../../../domain/generation';
import { TabtuneError } from '../../../base/errors';
import { fitHistory } from '../../../text/fit-history';
import type { LanguageRunInHand } from './run';
import type { AnswerRequest, AnswerResult } from '../../../worker/link/protocol';
import type { Context } from '../../../worker/link/server';
import type { Session } from '../../../worker/session';
import { writeAnswer } from './writing';

/** Throws `bad-config` for settings out of bounds and for a question that does not fit, `cancelled`. */
export async function answer(
  session: Session,
  { from, side, settings }: AnswerRequest,
  context: Context,
): Promise<AnswerResult> {
  const run = session.requireLanguageRun();
  const problems = checkGeneration(settings);
  if (problems.length > 0)
    throw new TabtuneError('bad-config', problems.join(' '), { fix: 'Correct the settings of the answer.' });
  const { ids, dropped } =
    typeof from === 'string' ? { ids: continued(run, from), dropped: 0 } : fitted(run, from, settings);
  const onText = (text: string): void => context.text(text);
  const written = await writeAnswer(session, () => run.side(side), run.renderer, ids, {
    settings,
    signal: context.signal,
    onText,
  });
  return { ...written, dropped };
}

function fitted(
  run: LanguageRunInHand,
  messages: readonly ChatMessage[],
  settings: GenerationSettings,
): { ids: number[]; dropped: number } {
  const context = run.summary.model.maxPositions;
  return fitHistory(run.renderer, messages, context, Math.min(settings.maxNewTokens, Math.floor(context / 2)));
}

/** Ids of a text that is to be continued, as training read texts. */
function continued(run: LanguageRunInHand, text: string): number[] {
  return Array.from(run.renderer.format.tokenizer.encode(text, null, run.summary.model.maxPositions - 1).ids);
}
