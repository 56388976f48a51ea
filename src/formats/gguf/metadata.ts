/** Looks up entries of a GGUF file's metadata by name and type; what is missing or of another type is named. */
import { TabtuneError } from '../../base/errors';
import type { GgufValue } from './cursor';

export class GgufMetadata {
  constructor(
    private readonly entries: ReadonlyMap<string, GgufValue>,
    readonly file: string,
  ) {}

  has(key: string): boolean {
    return this.entries.has(key);
  }

  /** Throws `bad-model`. */
  fail(what: string): never {
    throw new TabtuneError('bad-model', `${this.file}: ${what}`, {
      place: { file: this.file },
      fix: 'Take a GGUF file of the model as llama.cpp’s converter writes it.',
    });
  }

  /** Throws `unsupported`. */
  refuse(what: string, fix: string): never {
    throw new TabtuneError('unsupported', `${this.file}: ${what}`, { place: { file: this.file }, fix });
  }

  /** A text, or null when there is none. */
  text(key: string): string | null {
    const value = this.entries.get(key);
    if (value === undefined) return null;
    return typeof value === 'string' ? value : this.fail(`\`${key}\` is no text.`);
  }

  flag(key: string): boolean | null {
    const value = this.entries.get(key);
    if (value === undefined) return null;
    return typeof value === 'boolean' ? value : this.fail(`\`${key}\` is neither true nor false.`);
  }

  /** A finite number, or null. */
  number(key: string): number | null {
    const value = this.entries.get(key);
    if (value === undefined) return null;
    return typeof value === 'number' && Number.isFinite(value) ? value : this.fail(`\`${key}\` is no number.`);
  }

  /** A whole number above 0. */
  size(key: string): number {
    const value = this.number(key) ?? this.fail(`\`${key}\` is missing.`);
    return Number.isInteger(value) && value > 0
      ? value
      : this.fail(`\`${key}\` must be a whole number above 0, not ${value}.`);
  }

  texts(key: string): readonly string[] | null {
    const value = this.entries.get(key);
    if (value === undefined) return null;
    return Array.isArray(value) && value.every((item: unknown) => typeof item === 'string')
      ? value
      : this.fail(`\`${key}\` is no list of texts.`);
  }

  /** Numbers of a list, `length` of them. */
  numbers(key: string, length: number): ArrayLike<number> | null {
    const value = this.entries.get(key);
    if (value === undefined) return null;
    if (!(ArrayBuffer.isView(value) && !(value instanceof BigInt64Array) && !(value instanceof BigUint64Array)))
      return this.fail(`\`${key}\` is no list of numbers.`);
    return value.length === length ? value : this.fail(`\`${key}\` has ${value.length} values, not ${length}.`);
  }
}
