/**
 * A row as a question with the answer that is expected: what a model is asked when it is shown, and when it is tested.
 */
import type { LanguageExample } from '../../../domain/conversation';
import type { ChatRenderer } from '../../../text/chat-renderer';

export interface Question {
  /** Ids that writing starts from. */
  prompt: number[];
  /** In words. */
  question: string;
  expected: string;
}

/** Of a text, its first part is what is to be continued. */
const GIVEN_SHARE = 0.3;
const SHORTEST_GIVEN = 4;

/**
 * The last question of a conversation; of a preference the better answer is expected; of a text its beginning is given.
 * Throws what rendering throws.
 */
export function questionOf(renderer: ChatRenderer, example: LanguageExample, maxLength: number): Question {
  switch (example.kind) {
    case 'chat': {
      const turns = example.messages.slice(0, -1);
      return {
        prompt: renderer.prompt(turns),
        question: turns.at(-1)?.content ?? '',
        expected: example.messages.at(-1)?.content ?? '',
      };
    }
    case 'preference':
      return {
        prompt: renderer.prompt(example.prompt),
        question: example.prompt.at(-1)?.content ?? '',
        expected: example.chosen,
      };
    case 'text': {
      const { tokenizer } = renderer.format;
      const ids = Array.from(tokenizer.encode(example.text, null, maxLength).ids);
      const given = Math.min(ids.length - 1, Math.max(SHORTEST_GIVEN, Math.round(ids.length * GIVEN_SHARE)));
      const prompt = ids.slice(0, Math.max(1, given));
      return {
        prompt,
        question: tokenizer.decode(prompt, true),
        expected: tokenizer.decode(ids.slice(prompt.length), true).trim(),
      };
    }
  }
}
