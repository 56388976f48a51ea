/**
 * The likeliest encoding of bytes that are not UTF-8. East Asian ones are told by what they would say: kana, Hangul, or
 * the characters that every Chinese text repeats. Those of other scripts are told by the library chardet, which knows
 * the frequent letters of many languages, and is asked about the words beyond ASCII alone, since English around them
 * misleads it. Those of Latin letters are told by which letters they would be.
 */
import type { TextEncodingName } from '../../domain/dataset';
import { decodeExactly } from './decode';

/** Bytes that are looked at: lines with something beyond ASCII, wherever they stand. */
const LOOKED_AT = 1 << 16;

const COMMON_CHINESE = new Set(
  '的一是不了在人有我他这這个個们們中来來上大为為和国國地到以说說时時要就出会會可也你对對生能而子那得于於着著下自之年很好太',
);
const COMMON_KOREAN = new Set('이다는을를가에의하고지도로은서한사아어그라자나기니');

/** Shares of the characters beyond ASCII. */
function share(text: string, pattern: RegExp): number {
  let [beyond, hits] = [0, 0];
  for (const character of text)
    if (character > '\u007f') {
      beyond++;
      if (pattern.test(character)) hits++;
    }
  return hits / Math.max(1, beyond);
}

function shareOf(text: string, common: ReadonlySet<string>): number {
  const beyond = Array.from(text).filter((character) => character > '\u007f');
  return beyond.filter((character) => common.has(character)).length / Math.max(1, beyond.length);
}

const FOREIGN = /[\u0370-\u04ff\ue000-\uf8ff]/u;
const HAN = /[\u3000-\u303f\u4e00-\u9fff\uff00-\uff60]/u;

/** How much a text looks as texts of this encoding do; 1 and more is convincing, less than 0.75 is not. */
const LOOKS: Partial<Record<TextEncodingName, (text: string) => number>> = {
  shift_jis: japanese,
  'euc-jp': japanese,
  'euc-kr': (text) =>
    0.8 * share(text, /[\uac00-\ud7af]/u) + Math.min(1, 5 * shareOf(text, COMMON_KOREAN)) - share(text, HAN) / 2,
  gb18030: chinese,
  big5: chinese,
};

function japanese(text: string): number {
  const [kana, halfWidth] = [share(text, /[\u3040-\u30ff]/u), share(text, /[\uff61-\uff9f]/u)];
  return Math.min(1.2, 5 * kana) + share(text, HAN) / 2 - 2 * halfWidth - 2 * share(text, FOREIGN);
}

function chinese(text: string): number {
  const common = Math.min(1.6, 4 * shareOf(text, COMMON_CHINESE));
  return (
    common + 0.6 * share(text, HAN) - 0.4 - 2 * share(text, FOREIGN) - share(text, /[\u3040-\u30ff\uac00-\ud7af]/u)
  );
}

/** chardet's names of encodings of other scripts than Latin and East Asian ones. */
const BY_CHARDET: Readonly<Record<string, TextEncodingName>> = {
  'windows-1251': 'windows-1251',
  'KOI8-R': 'koi8-r',
  'ISO-8859-5': 'iso-8859-5',
  'ISO-8859-7': 'iso-8859-7',
  'windows-1253': 'windows-1253',
  'ISO-8859-8': 'iso-8859-8',
  'windows-1255': 'windows-1255',
  'ISO-8859-6': 'iso-8859-6',
  'windows-1256': 'windows-1256',
};

/** Encodings of Latin letters, the commonest first, with the letters of their languages. */
const LATIN: readonly (readonly [TextEncodingName, ReadonlySet<string>])[] = [
  ['windows-1252', new Set('àâäáãåæçéèêëíìîïñóòôöõøœúùûüßÀÂÄÁÃÅÆÇÉÈÊËÍÎÏÑÓÔÖÕØŒÚÙÛÜ¿¡')],
  ['windows-1250', new Set('ąćęłńóśźżčďěňřšťůžáéíýúäôĺľŕőöüűăâîșțţşĄĆĘŁŃÓŚŹŻČĎŇŘŠŤŽÁÉÍÝÚŐÖÜŰ')],
  ['iso-8859-2', new Set('ąćęłńóśźżčďěňřšťůžáéíýúäôĺľŕőöüűăâîţşĄĆĘŁŃÓŚŹŻČĎŇŘŠŤŽÁÉÍÝÚŐÖÜŰ')],
  ['windows-1254', new Set('ğşıİçöüâîûĞŞÇÖÜ')],
];
const SIGNS = new Set('“”„‘’‚–—…€£°§«»·™®©\u00a0');

/** The Latin encoding whose letters the bytes spell; signs and controls inside words speak against one. */
function latinEncoding(bytes: Uint8Array): TextEncodingName {
  let best = { encoding: 'windows-1252' as TextEncodingName, rating: -Infinity };
  for (const [encoding, letters] of LATIN) {
    let rating = 0;
    for (const character of new TextDecoder(encoding).decode(bytes, { stream: true })) {
      if (character <= '\u007f' || SIGNS.has(character)) continue;
      if (letters.has(character)) rating += 1;
      else rating -= character <= '\u009f' || character === '\ufffd' ? 3 : /\p{L}/u.test(character) ? 0 : 0.5;
    }
    if (rating > best.rating) best = { encoding, rating };
  }
  return best.encoding;
}

/** The lines that hold a byte beyond ASCII, up to a bound. */
function beyondAscii(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.min(bytes.length + 1, LOOKED_AT));
  let used = 0;
  for (let from = 0; from < bytes.length && used < out.length;) {
    const found = bytes.indexOf(10, from);
    const end = found < 0 ? bytes.length : found + 1;
    const line = bytes.subarray(from, end);
    from = end;
    if (!line.some((byte) => byte >= 0x80)) continue;
    // A line that does not fit whole may be cut inside a character.
    if (used + line.length > out.length && used > 0) break;
    out.set(line.subarray(0, out.length - used), used);
    used += line.length;
  }
  return out.subarray(0, Math.min(used, out.length));
}

const isLetter = (byte: number): boolean =>
  byte >= 0x80 || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);

/** The words that hold a byte beyond ASCII, a blank behind each. */
function foreignWords(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  let [start, foreign] = [-1, false];
  for (let i = 0; i <= bytes.length; i++) {
    const byte = bytes[i] ?? 32;
    if (isLetter(byte)) {
      if (start < 0) [start, foreign] = [i, false];
      foreign ||= byte >= 0x80;
    } else if (start >= 0) {
      if (foreign) for (let k = start; k <= i; k++) out.push(k < i ? (bytes[k] ?? 32) : 32);
      start = -1;
    }
  }
  return Uint8Array.from(out);
}

/** The text of bytes whose last character may be cut. */
function textOf(bytes: Uint8Array, encoding: TextEncodingName): string | null {
  for (let cut = 0; cut < 4; cut++) {
    const text = decodeExactly(bytes.subarray(0, bytes.length - cut), encoding);
    if (text !== null) return text;
  }
  return null;
}

/** The encoding that the bytes are likeliest in, or null when none is likelier than damaged UTF-8. */
export async function legacyEncoding(bytes: Uint8Array): Promise<TextEncodingName | null> {
  const lines = beyondAscii(bytes);
  const rated = (Object.keys(LOOKS) as TextEncodingName[]).flatMap((encoding) => {
    const text = textOf(lines, encoding);
    return text === null ? [] : [{ encoding, looks: LOOKS[encoding]?.(text) ?? 0 }];
  });
  const best = rated.toSorted((a, b) => b.looks - a.looks)[0];
  if (best && best.looks > 0.75) return best.encoding;
  const { analyse } = await import('chardet');
  const likely = analyse(foreignWords(lines)).map(({ name }) => BY_CHARDET[name] ?? null);
  // What chardet finds less likely than Latin letters does not count.
  const others = likely.slice(0, likely.includes(null) ? likely.indexOf(null) : likely.length);
  const named = others.find((encoding) => encoding !== null && textOf(lines, encoding) !== null);
  const encoding = named ?? latinEncoding(lines);
  // ÿ and þ are what 0xFF and 0xFE would be: rare letters, but common bytes of damage.
  const text = new TextDecoder(encoding).decode(lines, { stream: true });
  return /[^\u0000-\u009fþÿ\ufffd]/u.test(text) ? encoding : null;
}
