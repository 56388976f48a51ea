/** A chat that fits the model's context: the oldest turns go first, the system turn and the newest question stay. */
import { TabtuneError } from '../base/errors';
import type { ChatMessage } from '../domain/conversation';
import type { ChatRenderer } from './chat-renderer';

export interface FittedPrompt {
  ids: number[];
  /** Messages that the model no longer sees. */
  dropped: number;
}

/**
 * Ids of the prompt for the next answer, with room for `answerTokens` within `context` tokens. Questions go together
 * with their answers, so that roles still take turns. Throws `bad-config` when even the newest question alone does not
 * fit, and what rendering throws.
 */
export function fitHistory(
  renderer: ChatRenderer,
  messages: readonly ChatMessage[],
  context: number,
  answerTokens: number,
): FittedPrompt {
  const system = messages[0]?.role === 'system' ? messages.slice(0, 1) : [];
  const turns = messages.slice(system.length);
  const room = context - answerTokens;
  for (let from = 0; from < turns.length; from += 2) {
    const ids = renderer.prompt([...system, ...turns.slice(from)]);
    if (ids.length <= room) return { ids, dropped: from };
  }
  throw new TabtuneError(
    'bad-config',
    `The question does not fit: with room for an answer of ${answerTokens} tokens, it may have at most ` +
      `${Math.max(0, room)}.`,
    { fix: 'Ask something shorter, or allow fewer tokens for the answer.' },
  );
}
