/** Names and their values, and the text that comes together. */
import { roomForText } from './budget';
import type { Value } from './values';

export class Scope {
  private readonly values = new Map<string, Value>();

  constructor(readonly outer: Scope | null) {}

  /** Undefined where nothing has the name. */
  find(name: string): Value | undefined {
    const value = this.values.get(name);
    return value === undefined ? this.outer?.find(name) : value;
  }

  set(name: string, value: Value): void {
    this.values.set(name, value);
  }
}

/** Text that comes together. */
export class Output {
  length = 0;
  private readonly parts: string[] = [];

  write(text: string): void {
    this.length += text.length;
    roomForText(this.length);
    this.parts.push(text);
  }

  get text(): string {
    return this.parts.join('');
  }
}
