/** Which token of a text a character belongs to, without tokenizing the text again from its beginning. */
import { must } from '../base/assert';
import type { TextTokenizer } from './tokenizer';

/** How many items two lists have in common at their beginning. */
export function sharedStart(a: readonly number[], b: readonly number[], from = 0): number {
  const length = Math.min(a.length - from, b.length);
  let at = 0;
  while (at < length && a[from + at] === b[at]) at++;
  return at;
}

/** A stretch of the text from one added token to the next, with the place of its first token. */
interface Section {
  character: number;
  token: number;
}

/**
 * The ids of a text, and for a place in it how many of them the text up to there has in common with the whole. Added
 * tokens cut a text before anything else does, so only the stretch behind the last of them has to be tokenized for an
 * answer.
 */
export class TokenPlaces {
  readonly ids: readonly number[];
  private readonly sections: Section[];

  constructor(
    private readonly tokenizer: TextTokenizer,
    private readonly text: string,
  ) {
    this.ids = tokenizer.bare(text);
    this.sections = this.cut();
  }

  /** Tokens that the first `characters` characters share with the whole text. */
  upTo(characters: number): number {
    let section = must(this.sections[0]);
    for (const next of this.sections) {
      if (next.character > characters) break;
      section = next;
    }
    return (
      section.token +
      sharedStart(this.ids, this.tokenizer.bare(this.text.slice(section.character, characters)), section.token)
    );
  }

  /**
   * The stretches; only the whole text where they do not give the same ids, as when a token swallows the spaces around
   * it.
   */
  private cut(): Section[] {
    const whole: Section[] = [{ character: 0, token: 0 }];
    const { addedTokens } = this.tokenizer;
    if (addedTokens.length === 0) return whole;
    const pattern = new RegExp(
      addedTokens
        .map((token) => token.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        .toSorted((a, b) => b.length - a.length)
        .join('|'),
      'g',
    );
    const starts = [...new Set([0, ...Array.from(this.text.matchAll(pattern), (hit) => hit.index)])];
    const sections: Section[] = [];
    let token = 0;
    for (const [i, character] of starts.entries()) {
      const ids = this.tokenizer.bare(this.text.slice(character, starts[i + 1]));
      if (sharedStart(this.ids, ids, token) < ids.length) return whole;
      sections.push({ character, token });
      token += ids.length;
    }
    return token === this.ids.length ? sections : whole;
  }
}
