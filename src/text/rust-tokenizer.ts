/** The Rust library `tokenizers`, compiled to WebAssembly from `rust/` by `npm run tokenizer`: one tokenizer of it. */
import { must } from '../base/assert';

/** What `rust/src/lib.rs` exports. Texts and lists are given as their place in memory and their length. */
interface Exports {
  memory: WebAssembly.Memory;
  alloc(bytes: number): number;
  output(): number;
  output_length(): number;
  open(json: number, jsonLength: number, added: number, addedLength: number): number;
  encode(first: number, firstLength: number, second: number, secondLength: number, most: number, flags: number): number;
  decode(ids: number, count: number, skipSpecial: number): number;
  token_of(id: number): number;
  id_of(token: number, length: number): number;
  largest_id(): number;
  added_tokens(): void;
}

const NO_ROOM = 2;
const SPECIAL = 1;
const LEFT = 2;
const OFFSETS = 4;

/** An added token as the library's JSON spells it. */
export interface AddedToken {
  content: string;
  single_word: boolean;
  lstrip: boolean;
  rstrip: boolean;
  normalized: boolean;
  special: boolean;
}

export interface EncodeOptions {
  /** Whether special tokens are put around the texts. */
  special?: boolean;
  /** Most tokens, the special ones included; 0 or left out for all. */
  most?: number;
  /** Whether texts are cut at their beginning. */
  cutLeft?: boolean;
  /** Whether `starts` and `ends` are wanted. */
  offsets?: boolean;
}

/** All lists have one item a token. */
export interface RustEncoding {
  ids: Int32Array;
  typeIds: Int32Array;
  /** 1 for tokens that were put around the texts. */
  special: Int32Array;
  /** Which text a token is from; 2 for those put around. */
  segments: Int32Array;
  /** Where tokens begin and end in their text, in UTF-16; empty unless asked for. */
  starts: Int32Array;
  ends: Int32Array;
  truncated: boolean;
}

/** What the library says of a file or a text; whoever calls makes a sentence of it. */
export class RustError extends Error {
  constructor(
    message: string,
    readonly kind: 'failed' | 'no-room',
  ) {
    super(message);
  }
}

let compiled: WebAssembly.Module | null = null;
let loading: Promise<void> | null = null;

/** Gets and compiles the library, once; no tokenizer can be opened before. */
export function tokenizersReady(): Promise<void> {
  loading ??= compile().catch((cause: unknown) => {
    loading = null;
    throw cause;
  });
  return loading;
}

async function compile(): Promise<void> {
  // A chunk of its own: it is only loaded with the first tokenizer.
  const { default: dataUrl } = await import('./binary/tokenizer.wasm.gz?url&inline');
  const packed = Uint8Array.from(atob(dataUrl.slice(dataUrl.indexOf(',') + 1)), (char) => char.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  compiled = await WebAssembly.compile(await new Response(unpacked).arrayBuffer());
}

/**
 * A tokenizer with its own instance of the library. After a panic, such as over a pattern that steps back for ever, the
 * next call gets a new one. Every method throws `RustError`.
 */
export class RustTokenizer {
  private library: Exports | null = null;

  constructor(
    private readonly json: string,
    private readonly added: readonly AddedToken[],
  ) {
    this.guarded(() => null);
  }

  encode(first: string, second: string | null, options: EncodeOptions = {}): RustEncoding {
    const { special = false, most = 0, cutLeft = false, offsets = false } = options;
    const flags = (special ? SPECIAL : 0) | (cutLeft ? LEFT : 0) | (offsets ? OFFSETS : 0);
    return this.guarded((library) => {
      const [start, length] = put(library, first);
      const [secondStart, secondLength] = second === null ? [0, 0] : put(library, second);
      check(library, library.encode(start, length, secondStart, secondLength, most, flags));
      const list = new Int32Array(library.memory.buffer, library.output(), library.output_length());
      const count = must(list[0]);
      const column = (which: number) => list.slice(2 + which * count, 2 + (which + 1) * count);
      return {
        truncated: list[1] === 1,
        ids: column(0),
        typeIds: column(1),
        special: column(2),
        segments: column(3),
        starts: column(4),
        ends: column(5),
      };
    });
  }

  decode(ids: readonly number[], skipSpecial: boolean): string {
    return this.guarded((library) => {
      const start = library.alloc(ids.length * 4);
      const bytes = new DataView(library.memory.buffer, start, ids.length * 4);
      for (const [at, id] of ids.entries()) bytes.setUint32(at * 4, id, true);
      check(library, library.decode(start, ids.length, skipSpecial ? 1 : 0));
      return outputText(library);
    });
  }

  /** How the vocabulary spells a token, or null. */
  tokenOf(id: number): string | null {
    return this.guarded((library) => (library.token_of(id) === 0 ? outputText(library) : null));
  }

  idOf(token: string): number | null {
    const id = this.guarded((library) => library.id_of(...put(library, token)));
    return id < 0 ? null : id;
  }

  /** Tokens that are found before anything else is cut. */
  addedTokens(): string[] {
    return this.guarded((library) => {
      library.added_tokens();
      return JSON.parse(outputText(library)) as string[];
    });
  }

  /** -1 when there is no token. */
  largestId(): number {
    return this.guarded((library) => library.largest_id());
  }

  private guarded<T>(work: (library: Exports) => T): T {
    const library = this.library ?? instantiate();
    try {
      if (!this.library) {
        const [json, jsonLength] = put(library, this.json);
        check(library, library.open(json, jsonLength, ...put(library, JSON.stringify(this.added))));
        this.library = library;
      }
      return work(library);
    } catch (error) {
      if (error instanceof RustError) throw error;
      this.library = null;
      const [, reason = String(error)] = /^panicked at .*\n([^]*)/.exec(outputText(library)) ?? [];
      throw new RustError(reason, 'failed');
    }
  }
}

function check(library: Exports, status: number): void {
  if (status !== 0) throw new RustError(outputText(library), status === NO_ROOM ? 'no-room' : 'failed');
}

function instantiate(): Exports {
  if (!compiled) throw new Error('tokenizersReady() has to be awaited before a tokenizer is opened.');
  return new WebAssembly.Instance(compiled).exports as unknown as Exports;
}

/** Writes a text into the library's memory, which takes it over; lone surrogates become U+FFFD. */
function put(library: Exports, value: string): [start: number, length: number] {
  const bytes = new TextEncoder().encode(value);
  const start = library.alloc(bytes.length);
  new Uint8Array(library.memory.buffer).set(bytes, start);
  return [start, bytes.length];
}

const outputText = (library: Exports): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(
    new Uint8Array(library.memory.buffer, library.output(), library.output_length()),
  );
