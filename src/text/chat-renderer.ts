/**
 * Conversations to token ids, with the tokens that are trained on marked: the assistant's turns, their end token
 * included.
 */
import { must } from '../base/assert';
import { TabtuneError } from '../base/errors';
import type { ChatMessage, LanguageContent } from '../domain/conversation';
import type { ChatTemplate, Rendered, TemplateVariables } from './chat-template';
import { TokenPlaces } from './token-places';
import type { TextTokenizer } from './tokenizer';

/** Token ids, and 1 for each that the loss is taken on. */
export interface MarkedTokens {
  ids: Int32Array;
  trained: Uint8Array;
  /** Whether tokens beyond the length limit were cut off. */
  truncated: boolean;
  /** Whether the template leaves out what the assistant thought before an answer that is learned. */
  reasoningLost?: boolean;
}

/** What one row becomes: sequences to learn from, or a preferred and a rejected one. */
export type RenderedRow =
  | { kind: 'sequences'; sequences: MarkedTokens[] }
  | { kind: 'preference'; chosen: MarkedTokens; rejected: MarkedTokens };

/** Everything that turns a conversation into ids for one model. */
export interface ChatFormat {
  tokenizer: TextTokenizer;
  template: ChatTemplate;
  variables: TemplateVariables;
  /** Written after a turn or a text that does not end with a stop token by itself; null when the model has none. */
  eosId: number | null;
  /** Ids at which generation stops. */
  stopIds: ReadonlySet<number>;
}

function cut(ids: readonly number[], trained: Uint8Array, maxLength: number): MarkedTokens {
  return {
    ids: Int32Array.from(ids.slice(0, maxLength)),
    trained: trained.slice(0, maxLength),
    truncated: ids.length > maxLength,
  };
}

/** How many tokens the loss is taken on; the first token of a sequence is never predicted. */
export function countTrained({ trained }: MarkedTokens): number {
  let count = 0;
  for (let i = 1; i < trained.length; i++) count += must(trained[i]);
  return count;
}

export class ChatRenderer {
  constructor(readonly format: ChatFormat) {}

  /**
   * The ids that generation starts from: the turns so far and the beginning of the assistant's. Throws as
   * `ChatTemplate.render`.
   */
  prompt(messages: readonly ChatMessage[]): number[] {
    return this.format.tokenizer.bare(this.text(messages, true));
  }

  /** One row of a data set, cut to `maxLength` tokens; text is divided into as many sequences as it needs instead. */
  row(content: LanguageContent, maxLength: number): RenderedRow {
    switch (content.kind) {
      case 'chat':
        return { kind: 'sequences', sequences: [this.chat(content.messages, maxLength)] };
      case 'text':
        return { kind: 'sequences', sequences: this.plainText(content.text, maxLength) };
      case 'preference': {
        const side = (answer: string): MarkedTokens =>
          this.chat([...content.prompt, { role: 'assistant', content: answer }], maxLength, true);
        return { kind: 'preference', chosen: side(content.chosen), rejected: side(content.rejected) };
      }
    }
  }

  /**
   * A conversation with the assistant's turns marked (only its last one if asked; turns that are not learned are left
   * out). A template that marks them itself, in `generation` blocks, is followed, as TRL does for
   * `assistant_only_loss`. For others the answer is what the rendering of the turns so far with the generation prompt
   * does not cover. A token across that border counts as the answer's. Throws as `ChatTemplate.render`, and `bad-data`
   * when the template leaves an answer out.
   */
  chat(messages: readonly ChatMessage[], maxLength: number, lastOnly = false): MarkedTokens {
    const { template, variables, tokenizer } = this.format;
    const { text: whole, generated } = template.marked(messages, false, variables);
    const places = new TokenPlaces(tokenizer, whole);
    const reasoningLost = messages.some(
      ({ reasoning, learned }) => learned !== false && reasoning && !whole.includes(reasoning.trim()),
    );
    const own = template.marks && generated.length > 0;
    const marked = own
      ? this.generated(messages, { whole, places, generated }, lastOnly)
      : this.answers(messages, whole, places, lastOnly);
    const sequence = cut(marked.ids, marked.trained, maxLength);
    return reasoningLost ? { ...sequence, reasoningLost } : sequence;
  }

  /** What the template itself marks as generated, without the turns that are not learned. */
  private generated(
    messages: readonly ChatMessage[],
    { whole, places, generated }: { whole: string; places: TokenPlaces; generated: Rendered['generated'] },
    lastOnly: boolean,
  ): { ids: readonly number[]; trained: Uint8Array } {
    // Every token that has a character in a span, as transformers' assistant mask.
    const { ids, starts, ends } = this.format.tokenizer.locate(whole);
    const trained = Uint8Array.from(ids, (_, i) =>
      generated.some(([from, to]) => must(ends[i]) > from && must(starts[i]) < to) ? 1 : 0,
    );
    const skipped = (at: number): boolean =>
      messages[at]?.learned === false || (lastOnly && at !== messages.length - 1);
    let read = 0;
    for (const [at, { role }] of messages.entries()) {
      if (role !== 'assistant' || !messages.some((_, i) => i >= at && skipped(i))) continue;
      const turn = this.turn(messages, at, whole, places, read);
      read = turn.readTo;
      if (skipped(at)) trained.fill(0, turn.start, turn.end);
    }
    return { ids: Array.from(ids), trained };
  }

  /** The turns of the assistant, found by rendering the conversation up to each; the last ends with an end token. */
  private answers(
    messages: readonly ChatMessage[],
    whole: string,
    places: TokenPlaces,
    lastOnly: boolean,
  ): { ids: readonly number[]; trained: Uint8Array } {
    const { ids } = places;
    const trained = new Uint8Array(ids.length);
    let read = 0;
    let [start, end] = [0, 0];
    let learned = true;
    for (const [at, message] of messages.entries()) {
      if (message.role !== 'assistant') continue;
      const turn = this.turn(messages, at, whole, places, read);
      ({ start, end, readTo: read } = turn);
      learned = message.learned !== false && (!lastOnly || at === messages.length - 1);
      if (learned) trained.fill(1, start, end);
    }
    const { eosId, stopIds } = this.format;
    if (eosId === null || end < ids.length || ids.slice(start, end).some((id) => stopIds.has(id)))
      return { ids, trained };
    return { ids: [...ids, eosId], trained: Uint8Array.from([...trained, learned ? 1 : 0]) };
  }

  /**
   * Text to be continued, every token of it trained, in pieces of at most `maxLength` tokens; the last ends with the
   * end token.
   */
  plainText(text: string, maxLength: number): MarkedTokens[] {
    const ids = Array.from(this.format.tokenizer.encode(text, null, Number.MAX_SAFE_INTEGER).ids);
    if (this.format.eosId !== null && ids.at(-1) !== this.format.eosId) ids.push(this.format.eosId);
    const pieces: MarkedTokens[] = [];
    for (let from = 0; from < ids.length; from += maxLength) {
      const piece = Int32Array.from(ids.slice(from, from + maxLength));
      pieces.push({ ids: piece, trained: new Uint8Array(piece.length).fill(1), truncated: false });
    }
    return pieces;
  }

  private text(messages: readonly ChatMessage[], forAnswer: boolean): string {
    return this.format.template.render(messages, forAnswer, this.format.variables);
  }

  /**
   * Where in the ids the turn at `at` is, and up to which character the whole has been read. Templates that write
   * earlier turns differently later on (without their reasoning, say) have no common beginning with it: the answer's
   * text and the next stop token tell the border then.
   */
  private turn(
    messages: readonly ChatMessage[],
    at: number,
    whole: string,
    places: TokenPlaces,
    read: number,
  ): { start: number; end: number; readTo: number } {
    const { stopIds } = this.format;
    const { ids } = places;
    const answer = (messages[at]?.content ?? '').trim();
    // The question may hold the words of the answer: those behind it are meant.
    const question = (messages[at - 1]?.content ?? '').trim();
    const asked = whole.indexOf(question, read);
    const found = whole.indexOf(answer, asked < 0 ? read : asked + question.length);
    const before = this.text(messages.slice(0, at), true);
    const start = whole.startsWith(before) ? places.upTo(before.length) : found < 0 ? ids.length : places.upTo(found);
    const last = at === messages.length - 1;
    const after = last ? whole : this.text(messages.slice(0, at + 1), false);
    let end = ids.length;
    if (!last && whole.startsWith(after)) end = places.upTo(after.length);
    else if (!last) {
      const stop = ids.findIndex((id, i) => i >= start && stopIds.has(id));
      end = stop >= 0 ? stop + 1 : found < 0 ? start : places.upTo(found + answer.length);
    }
    if (start >= end)
      throw new TabtuneError(
        'bad-data',
        `The chat template leaves out the answer in message ${at + 1}, or writes it differently.`,
        { fix: 'Choose another template.' },
      );
    return {
      start,
      end,
      readTo: whole.startsWith(after)
        ? after.length
        : found < 0
          ? Math.min(before.length, whole.length)
          : found + answer.length,
    };
  }
}
