/** Bytes to text as they stream in, cut anywhere; what does not fit the encoding is replaced and counted. */
import { must } from '../../base/assert';
import type { TextEncodingName } from '../../domain/dataset';

/** What stands where a byte does not fit. */
const REPLACEMENT = '\ufffd';

/** The name of an encoding for the platform's decoder. */
const decoderName = (encoding: TextEncodingName): string => (encoding === 'utf-8-bom' ? 'utf-8' : encoding);

/** Bytes at the end that begin a UTF-8 character whose rest is still to come. */
export function openUtf8(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = must(bytes[bytes.length - back]);
    if ((byte & 0xc0) === 0x80) continue;
    const need = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return need > back ? back : 0;
  }
  return 0;
}

/** The text of whole bytes, or null when they do not fit the encoding. */
export function decodeExactly(bytes: Uint8Array, encoding: TextEncodingName): string | null {
  try {
    return new TextDecoder(decoderName(encoding), { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

const countOf = (text: string, what: string): number => {
  let count = 0;
  for (let at = text.indexOf(what); at >= 0; at = text.indexOf(what, at + what.length)) count++;
  return count;
};

/** How often the bytes spell U+FFFD themselves, which is no replacement of ours. */
function written(bytes: Uint8Array, encoding: TextEncodingName): number {
  let count = 0;
  if (encoding.startsWith('utf-8')) {
    for (let i = bytes.indexOf(0xef); i >= 0; i = bytes.indexOf(0xef, i + 1))
      if (bytes[i + 1] === 0xbf && bytes[i + 2] === 0xbd) count++;
  } else if (encoding.startsWith('utf-16')) {
    const [low, high] = encoding === 'utf-16le' ? [0, 1] : [1, 0];
    for (let i = 0; i + 1 < bytes.length; i += 2) if (bytes[i + low] === 0xfd && bytes[i + high] === 0xff) count++;
  }
  return count;
}

/** Decodes a stream of bytes; the same text comes out wherever the stream is cut. */
export class StreamDecoder {
  /** Places where bytes did not fit and `�` was put. */
  replaced = 0;
  /** The line, from 1, of the first of them. */
  firstLine = 0;
  /** Whether a byte beyond ASCII has come; for UTF-8 only. */
  beyondAscii = false;
  private readonly decoder: TextDecoder;
  private lines = 1;
  /** U+FFFD that came out beyond those in the bytes. */
  private balance = 0;
  /** The end of the piece before: bytes that spell U+FFFD may lie on both sides of a seam. */
  private tail = new Uint8Array(0);

  constructor(private readonly encoding: TextEncodingName) {
    this.decoder = new TextDecoder(decoderName(encoding));
  }

  /** The text of these bytes, without a byte order mark at the beginning. */
  push(bytes: Uint8Array): string {
    return this.counted(this.decoder.decode(bytes, { stream: true }), bytes);
  }

  /** What is left when the stream has ended: a replacement when it stops inside a character. */
  end(): string {
    return this.counted(this.decoder.decode(), new Uint8Array(0));
  }

  private counted(text: string, bytes: Uint8Array): string {
    this.beyondAscii ||= text.length !== bytes.length;
    const found = countOf(text, REPLACEMENT);
    const given = this.given(bytes);
    this.balance += found - given;
    if (found > 0 && this.firstLine === 0 && this.balance > 0)
      this.firstLine = this.lines + countOf(text.split(REPLACEMENT, given + 1).join(' '), '\n');
    this.replaced = Math.max(0, this.balance);
    this.lines += countOf(text, '\n');
    return text;
  }

  /** U+FFFD that these bytes, with the end of those before, spell. */
  private given(bytes: Uint8Array): number {
    const utf16 = this.encoding.startsWith('utf-16');
    if (!utf16 && !this.encoding.startsWith('utf-8')) return 0;
    const joined = new Uint8Array(this.tail.length + bytes.length);
    joined.set(this.tail);
    joined.set(bytes, this.tail.length);
    const kept = utf16 ? joined.length & 1 : Math.min(2, joined.length);
    const inTail = written(this.tail, this.encoding);
    this.tail = joined.slice(joined.length - kept);
    return written(joined, this.encoding) - inTail;
  }
}
