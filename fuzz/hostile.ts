/**
 * Ways to spoil good input: bytes and text that are cut, doubled and overwritten, JSON whose nodes are replaced,
 * removed or renamed.
 */
import fc from 'fast-check';

/** Bytes that formats give a meaning to. */
const TELLING_BYTES = [
  0x00, 0x01, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x30, 0x39, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xbf, 0xc0, 0xef,
  0xfe, 0xff,
];

interface Cut {
  kind: 'overwrite' | 'insert' | 'remove' | 'double' | 'end';
  /** Share of the length at which it happens. */
  at: number;
  length: number;
  piece: Uint8Array;
}

const cut = fc.record<Cut>({
  kind: fc.constantFrom('overwrite', 'overwrite', 'insert', 'remove', 'double', 'end'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(24),
  piece: fc.oneof(
    fc.constantFrom(...TELLING_BYTES).map((byte) => Uint8Array.of(byte)),
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
  ),
});

function spoil(bytes: Uint8Array, { kind, at, length, piece }: Cut): Uint8Array {
  const place = Math.min(bytes.length, Math.floor(at * (bytes.length + 1)));
  const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
  const head = bytes.subarray(0, place);
  switch (kind) {
    case 'overwrite':
      return join(head, piece.subarray(0, bytes.length - place), bytes.subarray(place + piece.length));
    case 'insert':
      return join(head, piece, bytes.subarray(place));
    case 'remove':
      return join(head, bytes.subarray(place + length));
    case 'double':
      return join(head, bytes.subarray(place, place + length), bytes.subarray(place));
    case 'end':
      return head;
  }
}

/** The bytes with some of them spoilt; also untouched, one time in five or so. */
export const spoiltBytes = (sound: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(
      sound,
      fc.oneof(
        { weight: 1, arbitrary: fc.constant<Cut[]>([]) },
        { weight: 4, arbitrary: fc.array(cut, { minLength: 1, maxLength: 4 }) },
      ),
    )
    .map(([bytes, cuts]) => cuts.reduce(spoil, bytes));

interface TextCut {
  kind: 'insert' | 'remove' | 'double' | 'end';
  at: number;
  length: number;
  piece: string;
}

/** The text with some of it spoilt by pieces that its format gives a meaning to; also untouched. */
export function spoiltText(sound: fc.Arbitrary<string>, pieces: readonly string[]): fc.Arbitrary<string> {
  const textCut = fc.record<TextCut>({
    kind: fc.constantFrom('insert', 'insert', 'remove', 'double', 'end'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(12),
    piece: fc.constantFrom(...pieces),
  });
  return fc.tuple(sound, fc.array(textCut, { maxLength: 4 })).map(([text, cuts]) =>
    cuts.reduce((now, { kind, at, length, piece }) => {
      const place = Math.floor(at * (now.length + 1));
      if (kind === 'insert') return now.slice(0, place) + piece + now.slice(place);
      if (kind === 'end') return now.slice(0, place);
      return kind === 'remove'
        ? now.slice(0, place) + now.slice(place + length)
        : now.slice(0, place + length) + now.slice(place);
    }, text),
  );
}

/** JSON values that break what expects another kind. */
export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1,
    0.5,
    1e308,
    -1e-9,
    2 ** 31,
    2 ** 53,
    2 ** 63,
    '',
    ' ',
    'a',
    '__proto__',
    'constructor',
    'toString',
    '\ud800',
    '\u0000',
    '(',
    '[a',
    '{{',
    '../x',
  ),
  fc.constantFrom<unknown>(
    [],
    {},
    [[]],
    [null],
    [0],
    ['a'],
    { a: 1 },
    JSON.parse('{"__proto__": {"x": 1}}'),
    Array.from({ length: 300 }, (_, i) => i),
  ),
  fc.integer(),
  fc.string({ maxLength: 8 }),
  fc.jsonValue({ maxDepth: 2 }),
);

interface JsonEdit {
  kind: 'replace' | 'remove' | 'rename' | 'append' | 'swap';
  at: number;
  value: unknown;
  key: string;
}

type Holder = Record<string, unknown>;

/** Every place in a JSON value: what holds it, and its key there. */
function places(value: unknown, found: { holder: Holder; key: string }[] = []): { holder: Holder; key: string }[] {
  if (typeof value !== 'object' || value === null) return found;
  for (const key of Object.keys(value)) {
    const holder = value as Holder;
    found.push({ holder, key });
    places(holder[key], found);
  }
  return found;
}

function edit(root: Holder, { kind, at, value, key }: JsonEdit): void {
  const all = places(root);
  const place = all[at % Math.max(1, all.length)];
  if (!place) return;
  const { holder, key: own } = place;
  const held = holder[own];
  const inner = typeof held === 'object' && held !== null ? (held as Holder) : holder;
  if (kind === 'replace') holder[own] = value;
  else if (kind === 'remove') delete holder[own];
  else if (kind === 'swap') holder[own] = all[(at * 7 + 3) % all.length]?.holder[own] ?? value;
  else if (kind === 'rename') {
    delete holder[own];
    define(holder, key, held);
  } else if (Array.isArray(inner)) inner.push(value);
  else define(inner, key, value);
}

/** As JSON.parse does: `__proto__` becomes an own key. */
const define = (holder: Holder, key: string, value: unknown): void => {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
};

const jsonEdit = fc.record<JsonEdit>({
  kind: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'rename', 'append', 'swap'),
  at: fc.nat(),
  value: hostileJson,
  key: fc.oneof(fc.constantFrom('__proto__', 'constructor', 'a', '', '0', 'type', 'id'), fc.string({ maxLength: 6 })),
});

/** JSON text of a sound value with some of its nodes spoilt; also untouched. The value must hold no cycle. */
export const spoiltJson = (sound: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  fc.tuple(sound, fc.array(jsonEdit, { maxLength: 3 })).map(([value, edits]) => {
    // The box around it lets the root itself be replaced.
    let box = JSON.parse(JSON.stringify({ root: value })) as Holder;
    for (const one of edits) {
      try {
        edit(box, one);
        // Read anew, so that it stays a tree of what JSON can say: an edit may give an array a named key, or put a node
        // into itself: then none is made.
        box = JSON.parse(JSON.stringify(box)) as Holder;
      } catch {
        return JSON.stringify(value);
      }
    }
    return JSON.stringify(box['root'] ?? null);
  });

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
