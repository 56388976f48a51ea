/**
 * A cell that holds several values: JSON, and what Python, NumPy and pandas print of lists, tuples, sets and
 * dictionaries. Values are kept as they are written, so that whole numbers of any size keep their digits.
 */

/**
 * `items` as they stand, repeated ones too. A dictionary whose values are numbers or true and false has `scores`; its
 * items are the names with a score of a half and more.
 */
export interface ListCell {
  items: string[];
  scores: [name: string, score: number][] | null;
}

/** Longer cells are no labels. */
const MOST_CHARACTERS = 100_000;
/** `array([np.str_('a')])`, `{"choices": ["a"]}`. */
const DEEPEST = 4;
const CLOSERS: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };
/** Written without quotes, these are no value. */
const NOTHING: ReadonlySet<string> = new Set(['None', 'null', 'nan', 'NaN', 'NA', '<NA>']);
/** Numbers, true and false. */
const PLAIN = /^(?:[\d.e+-]+|true|false|inf)$/i;
/** The one key of what annotation tools write of several choices. */
const CHOICES: ReadonlySet<string> = new Set(['choices', 'labels', 'label']);
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };
const DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** One value: a list, or a text, which is null for one that is nothing. */
interface Value {
  text: string | null;
  quoted: boolean;
  list: ListCell | null;
}
interface Entry {
  key: Value | null;
  value: Value;
}

/** Thrown within this file alone: the cell is not written so. */
class NotSo extends Error {}

/** The values of a cell such as `["a", "b"]`, `['a' 'b']`, `[1 0 0]`, `{'a', 'b'}` or `{"a": 0.9}`; else null. */
export function parseListCell(cell: string): ListCell | null {
  const text = cell.trim();
  if (text.length > MOST_CHARACTERS || !/^([[({]|(np\.|numpy\.)?(array|tensor|set|frozenset)\()/.test(text))
    return null;
  try {
    const reader = new CellReader(text);
    const value = reader.value(0);
    reader.end();
    return value.list;
  } catch (error) {
    if (error instanceof NotSo) return null;
    throw error;
  }
}

class CellReader {
  private at = 0;

  constructor(private readonly text: string) {}

  end(): void {
    this.blanks();
    if (this.at < this.text.length) throw new NotSo();
  }

  value(depth: number, keyed = false): Value {
    if (depth > DEEPEST) throw new NotSo();
    this.blanks();
    const next = this.text[this.at] ?? '';
    if (CLOSERS[next] !== undefined) return listed(this.list(next, depth));
    if (next === '"' || next === "'") return worded(this.quoted(next), true);
    const call =
      /^(?:u|b|(?:(?:np|numpy)\.)?(?:array|tensor|set|frozenset|str_|bool_|bool|int\d+|uint\d+|float\d+)\()/.exec(
        this.text.slice(this.at, this.at + 24),
      )?.[0];
    if (call?.endsWith('(')) return this.called(call.length, depth);
    const quote = this.text[this.at + 1] ?? '';
    if (call !== undefined && (quote === "'" || quote === '"')) {
      this.at++;
      return worded(this.quoted(quote), true);
    }
    return this.bare(keyed);
  }

  /** `array(['a', 'b'], dtype=object)`, `np.str_('a')`. */
  private called(length: number, depth: number): Value {
    this.at += length;
    this.blanks();
    if (this.text[this.at] === ')') {
      this.at++;
      return listed({ items: [], scores: null });
    }
    const value = this.value(depth + 1);
    const close = this.text.indexOf(')', this.at);
    if (close < 0 || !/^\s*(,\s*(dtype|device)=[^()]*)?$/.test(this.text.slice(this.at, close))) throw new NotSo();
    this.at = close + 1;
    return value;
  }

  private list(open: string, depth: number): ListCell {
    this.at++;
    const close = CLOSERS[open] ?? '';
    const entries: Entry[] = [];
    let commas = 0;
    for (;;) {
      this.blanks();
      const next = this.text[this.at];
      if (next === undefined) throw new NotSo();
      if (next === close) break;
      if (next === ',') {
        commas++;
        this.at++;
        continue;
      }
      entries.push(this.entry(open, depth));
    }
    this.at++;
    if (open === '(' && commas === 0 && entries.length > 0) throw new NotSo();
    return listOf(entries, commas > 0);
  }

  private entry(open: string, depth: number): Entry {
    const value = this.value(depth + 1, open === '{');
    this.blanks();
    if (open !== '{' || this.text[this.at] !== ':') return { key: null, value };
    this.at++;
    return { key: value, value: this.value(depth + 1, true) };
  }

  /** Without quotes, up to the next comma or bracket: what is parted by blanks is taken apart later. */
  private bare(keyed: boolean): Value {
    const start = this.at;
    const ends = keyed ? /[,:[\](){}'"]/ : /[,[\](){}'"]/;
    while (this.at < this.text.length && !ends.test(this.text[this.at] ?? '')) this.at++;
    if (this.at === start) throw new NotSo();
    const text = this.text.slice(start, this.at).trim();
    return worded(NOTHING.has(text) ? null : text, false);
  }

  private quoted(quote: string): string {
    let out = '';
    for (this.at++; this.at < this.text.length; this.at++) {
      const letter = this.text[this.at] ?? '';
      if (letter === quote) {
        this.at++;
        return out;
      }
      out += letter === '\\' ? this.escaped() : letter;
    }
    throw new NotSo();
  }

  private escaped(): string {
    const letter = this.text[++this.at] ?? '';
    const digits = DIGITS[letter];
    if (digits === undefined) return ESCAPED[letter] ?? (/["'\\/]/.test(letter) ? letter : `\\${letter}`);
    const code = this.text.slice(this.at + 1, this.at + 1 + digits);
    if (code.length < digits || !/^[0-9a-f]+$/i.test(code)) throw new NotSo();
    this.at += digits;
    const point = parseInt(code, 16);
    if (point > 0x10ffff) throw new NotSo();
    return digits === 4 ? String.fromCharCode(point) : String.fromCodePoint(point);
  }

  private blanks(): void {
    while (this.at < this.text.length && /\s/.test(this.text[this.at] ?? '')) this.at++;
  }
}

const listed = (list: ListCell): Value => ({ text: null, quoted: false, list });
const worded = (text: string | null, quoted: boolean): Value => ({ text, quoted, list: null });

/** `[1 0 0]` has its values parted by blanks, which no print of words without quotes has. */
function listOf(entries: readonly Entry[], commas: boolean): ListCell {
  if (entries.some(({ key }) => key !== null)) return dictionary(entries);
  const items = entries.flatMap(({ value: { text, quoted, list } }) => {
    if (list) throw new NotSo();
    if (text === null) return [];
    const parts = quoted || commas ? [text] : text.split(/\s+/);
    return parts.every((part) => PLAIN.test(part)) ? parts : [text];
  });
  return { items, scores: null };
}

function dictionary(entries: readonly Entry[]): ListCell {
  const [first] = entries;
  if (entries.length === 1 && first?.value.list && CHOICES.has(nameOf(first.key))) return first.value.list;
  const scores = entries.map(({ key, value }): [string, number] => [nameOf(key), scoreOf(value)]);
  return { items: scores.filter(([, score]) => score >= 0.5).map(([name]) => name), scores };
}

function nameOf(key: Value | null): string {
  if (key?.text === null || key?.text === undefined) throw new NotSo();
  return key.text;
}

function scoreOf({ text, quoted, list }: Value): number {
  if (list || quoted) throw new NotSo();
  if (text === null || /^false$/i.test(text)) return 0;
  const score = /^true$/i.test(text) ? 1 : Number(text);
  if (Number.isNaN(score)) throw new NotSo();
  return score;
}
