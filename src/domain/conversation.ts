/**
 * Conversations as decoders learn from them: turns, plain text, or a question with a preferred and a rejected answer.
 */

export type ChatRole = 'system' | 'user' | 'assistant';

export interface ChatMessage {
  role: ChatRole;
  content: string;
  /** What the assistant thought before it answered, where the row keeps it apart from the answer. */
  reasoning?: string;
  /** False for a turn of the assistant that is only read (`"weight": 0`); the others are learned. */
  learned?: boolean;
}

/**
 * What one row says. Chats may begin with a system turn, then user and assistant take turns, and the assistant has the
 * last word. A preference's `prompt` is such a chat up to the user's last turn.
 */
export type LanguageContent =
  | { kind: 'chat'; messages: readonly ChatMessage[] }
  | { kind: 'text'; text: string }
  | { kind: 'preference'; prompt: readonly ChatMessage[]; chosen: string; rejected: string };

/** One usable row for a decoder. `row` counts data rows from 1. */
export type LanguageExample = LanguageContent & { row: number };

/** One token of a row as a person sees it. */
export interface MarkedToken {
  /**
   * As text: spaces and line ends as they are, bytes that are no character by themselves as the vocabulary spells them.
   */
  text: string;
  id: number;
  trained: boolean;
}
