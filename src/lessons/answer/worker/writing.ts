/** Lets a model write, a turn of the engine a token, so that others get theirs in between. */
import type { GenerationSettings } from '../../../domain/generation';
import { generate } from '../../../engine/decoding/generate';
import type { LanguageModel } from '../../../engine/language-model';
import { AnswerStream } from '../../../text/answer-stream';
import type { ChatRenderer } from '../../../text/chat-renderer';
import type { Session } from '../../../worker/session';

export interface WritingOptions {
  settings: GenerationSettings;
  signal: AbortSignal;
  /** Called with each piece of text as it is whole. */
  onText?: (text: string) => void;
}

export interface WrittenText {
  text: string;
  tokens: number;
  /** Why it ended: at an end token or a stop string, or because it was long enough. */
  ended: 'stopped' | 'length';
}

/**
 * The answer to a prompt, in text. Throws `cancelled`, and `bad-config` for a prompt that leaves no room.
 * @param side the model, asked for inside a turn of the engine
 */
export async function writeAnswer(
  session: Session,
  side: () => Promise<{ model: LanguageModel; base: boolean }>,
  renderer: ChatRenderer,
  prompt: readonly number[],
  { settings, signal, onText }: WritingOptions,
): Promise<WrittenText> {
  const { tokenizer, stopIds } = renderer.format;
  const stream = new AnswerStream(tokenizer, settings.stopStrings);
  const written = await session.engineTurns.take(async () => {
    const { model, base } = await side();
    return generate(model, prompt, { settings, stopIds, base, signal });
  });
  let tokens = 0;
  try {
    for (;;) {
      const next = await session.engineTurns.take(() => written.next());
      if (next.done) {
        const rest = stream.end();
        if (rest !== '') onText?.(rest);
        return { text: stream.text.trim(), tokens, ended: next.value === 'stop-token' ? 'stopped' : 'length' };
      }
      tokens++;
      const piece = stream.push(next.value);
      if (piece !== '') onText?.(piece);
      if (stream.stopped) return { text: stream.text.trim(), tokens, ended: 'stopped' };
    }
  } finally {
    await session.engineTurns.take(() => written.return('length'));
  }
}
