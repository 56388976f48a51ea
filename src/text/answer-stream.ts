/** A written answer as text while its tokens come in: whole characters only, and nothing of a stop string. */
import type { TextTokenizer } from './tokenizer';

/** Tokens that are decoded together before the earlier ones are left behind, so that long answers stay cheap. */
const WINDOW = 32;

/**
 * Tokens are decoded in the company of those before them, because a space or a character may belong to several. What
 * could still change, the last incomplete character or the beginning of a stop string, is held back until it is known.
 */
export class AnswerStream {
  /** Everything given out so far. */
  text = '';
  /** True once a stop string has appeared; what follows is ignored. */
  stopped = false;
  private ids: number[] = [];
  /** Text of `ids[0, settled)`, which was given out or is held back for a stop string. */
  private settled = 0;
  private settledText = '';
  private held = '';

  constructor(
    private readonly tokenizer: TextTokenizer,
    private readonly stopStrings: readonly string[] = [],
  ) {}

  /** The text that this token completes; often empty, when a character is not whole yet. */
  push(id: number): string {
    if (this.stopped) return '';
    this.ids.push(id);
    const whole = this.tokenizer.decode(this.ids, true);
    if (whole.endsWith('\ufffd')) return '';
    const fresh = whole.slice(this.settledText.length);
    this.settle(whole);
    return this.release(fresh, false);
  }

  /** What was held back, when no more tokens come. */
  end(): string {
    if (this.stopped) return '';
    const rest = this.tokenizer.decode(this.ids, true).slice(this.settledText.length);
    return this.release(rest, true);
  }

  private settle(whole: string): void {
    this.settled = this.ids.length;
    this.settledText = whole;
    if (this.settled <= 2 * WINDOW) return;
    this.ids = this.ids.slice(-WINDOW);
    this.settled = this.ids.length;
    this.settledText = this.tokenizer.decode(this.ids, true);
  }

  private release(fresh: string, last: boolean): string {
    const ready = this.held + fresh;
    const stop = this.stopStrings.map((text) => ready.indexOf(text)).filter((at) => at >= 0);
    let end = ready.length;
    if (stop.length > 0) {
      this.stopped = true;
      end = Math.min(...stop);
    } else if (!last) end -= this.longestBeginning(ready);
    const out = ready.slice(0, end);
    this.held = this.stopped ? '' : ready.slice(end);
    this.text += out;
    return out;
  }

  /** How many characters at the end may be the beginning of a stop string. */
  private longestBeginning(text: string): number {
    let longest = 0;
    for (const stop of this.stopStrings)
      for (let length = Math.min(stop.length - 1, text.length); length > longest; length--)
        if (text.endsWith(stop.slice(0, length))) longest = length;
    return longest;
  }
}
