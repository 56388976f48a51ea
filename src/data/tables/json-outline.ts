/**
 * What a JSON document is made of, without its texts: the objects within objects with their keys, and the lists in them
 * with the kinds of their items and their places. It is taken from a stream, in bounded memory.
 */
import { must } from '../../base/assert';
import { TabtuneError } from '../../base/errors';
import { parses } from './json-values';
import { RECORD_LIMIT } from './text-stream';

export type Kind = 'object' | 'array' | 'string' | 'other';

export interface OutlineNode {
  kind: Kind;
  /** Entries or items. */
  size: number;
  /** How many keys are whole numbers. */
  numbered: number;
  /** The first keys with what they hold; objects in lists are not looked into. */
  keys: Map<string, OutlineNode>;
  /** Kinds of the items of a list. */
  items: Set<Kind>;
  /** Where a list's bracket opens, in characters of the text. */
  at: number;
}

const KEYS_KEPT = 1000;
const NODES_KEPT = 100_000;
const DEPTH_LIMIT = 1000;
const KEY_LENGTH = 300;

/** A bracket that is open and looked into. */
interface Frame {
  isObject: boolean;
  node: OutlineNode;
  key: string | null;
}

export class Outline {
  root: OutlineNode | null = null;
  /** Whether the first value of the text has ended, and whether something follows it. */
  ended = false;
  followed = false;
  /** Characters up to the end of the first value. */
  end = 0;
  private readonly frames: Frame[] = [];
  private nodes = 0;
  private done = 0;
  /** The string that is open: its characters so far where it may be a key, and its length. */
  private string: { text: string; length: number; escaped: boolean } | null = null;
  private inScalar = false;
  /** Brackets that are open where the outline does not go. */
  private unseen = 0;

  constructor(private readonly file: string) {}

  /** Takes text cut anywhere; nothing more need come once `followed` is true. */
  push(text: string): void {
    for (let i = 0; i < text.length && !this.followed; i++) {
      if (this.string) i = this.inString(text, i);
      else if (this.unseen > 0) i = this.inUnseen(text, i);
      else if (text.charCodeAt(i) > 32) this.character(text.charCodeAt(i), this.done + i);
      else this.inScalar = false;
    }
    this.done += text.length;
  }

  /** Goes through an open string; returns the place of its last character in this text. */
  private inString(text: string, from: number): number {
    const string = must(this.string);
    let i = string.escaped ? from + 1 : from;
    string.escaped = false;
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === 92) i++;
      else if (code === 34) break;
    }
    string.escaped = i > text.length;
    const end = Math.min(i, text.length);
    string.length += end - from;
    if (string.text.length < KEY_LENGTH) string.text += text.slice(from, Math.min(end, from + KEY_LENGTH));
    if (string.length > RECORD_LIMIT) throw this.tooMuch('a text of more than 16 million characters');
    if (i < text.length) this.closeString(string.text);
    return end;
  }

  /** Goes through what is not looked into, up to the next quote or the bracket that ends it. */
  private inUnseen(text: string, from: number): number {
    for (let i = from; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === 34) {
        this.string = { text: '', length: 0, escaped: false };
        return i;
      }
      if (code === 123 || code === 91) this.unseen++;
      else if ((code === 125 || code === 93) && --this.unseen === 0) return i;
      if (this.unseen > DEPTH_LIMIT) throw this.tooDeep();
    }
    return text.length;
  }

  private closeString(text: string): void {
    this.string = null;
    if (this.unseen > 0) return;
    const frame = this.frames.at(-1);
    if (frame?.isObject && frame.key === null) frame.key = text;
    else this.value('string', 0);
  }

  private character(code: number, at: number): void {
    if (this.ended) {
      this.followed = true;
      return;
    }
    if (code === 34) this.string = { text: '', length: 0, escaped: false };
    else if (code === 123 || code === 91) this.open(code === 123, at);
    else if (code === 125 || code === 93) this.close(at);
    else if (code !== 44 && code !== 58 && !this.inScalar) {
      this.inScalar = true;
      this.value('other', at);
      return;
    }
    if (code === 44 || code === 58) this.inScalar = false;
    if (code === 44) {
      const frame = this.frames.at(-1);
      if (frame) frame.key = null;
    }
  }

  private open(isObject: boolean, at: number): void {
    this.inScalar = false;
    const node = this.value(isObject ? 'object' : 'array', at);
    if (!node) {
      this.unseen = 1;
      return;
    }
    if (this.frames.length >= DEPTH_LIMIT) throw this.tooDeep();
    this.frames.push({ isObject, node, key: null });
  }

  private close(at: number): void {
    this.inScalar = false;
    this.frames.pop();
    if (this.frames.length > 0) return;
    this.ended = true;
    this.end = at + 1;
  }

  /** Notes a value; returns its node where the outline goes on into it. */
  private value(kind: Kind, at: number): OutlineNode | null {
    const made = (): OutlineNode => ({ kind, size: 0, numbered: 0, keys: new Map(), items: new Set(), at });
    const frame = this.frames.at(-1);
    if (!frame) {
      if (this.root) return null;
      this.root = made();
      if (kind !== 'object' && kind !== 'array') this.ended = true;
      return this.root;
    }
    const { node, key, isObject } = frame;
    node.size++;
    if (!isObject) {
      node.items.add(kind);
      return null;
    }
    if (key === null) return null;
    if (/^\d+$/.test(key)) node.numbered++;
    if (node.keys.size >= KEYS_KEPT || this.nodes >= NODES_KEPT) return null;
    this.nodes++;
    const child = made();
    node.keys.set(key, child);
    return child;
  }

  private tooDeep(): TabtuneError {
    return this.tooMuch(`more than ${DEPTH_LIMIT} brackets within each other`);
  }

  private tooMuch(what: string): TabtuneError {
    return new TabtuneError('bad-data', `The JSON has ${what}.`, {
      place: { file: this.file },
      fix: 'A bracket or a quote may not be closed. Write one object a line (JSON Lines).',
    });
  }
}

/** Whether a whole line behind the first is a JSON object, as when only the first line of a JSONL file is broken. */
export function laterLineParses(sample: string, whole: boolean): boolean {
  const lines = sample.split(/\r\n|\n|\r/);
  const complete = whole ? lines : lines.slice(0, -1);
  return complete.slice(1, 20).some((line) => line.startsWith('{') && parses(line));
}
