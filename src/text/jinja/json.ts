/** Python's `json.dumps`, as transformers gives it to templates under the name `tojson`. */
import { joined, roomForText, spend } from './budget';
import { Fault } from './errors';
import { floatText, printed } from './print';
import { asText, Dict, Float, less, Tuple, truthy, typeName, isItems } from './values';
import type { Value } from './values';

interface Style {
  ascii: boolean;
  /** White space of one level, or null for one line. */
  indent: string | null;
  between: string;
  colon: string;
  sorted: boolean;
}

/** `tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False)`. */
export function dumps(value: Value, options: readonly (Value | undefined)[]): string {
  const [ascii = false, indent = null, separators = null, sort = false] = options;
  const given = separators instanceof Tuple ? separators.items : isItems(separators) ? separators : null;
  if (separators !== null && given?.length !== 2) throw new Fault('separators must be a pair');
  const unit = asText(indent) ?? (indent === null ? null : ' '.repeat(indentWidth(indent)));
  const [between = unit === null ? ', ' : ',', colon = ': '] = given?.map((text: Value) => printed(text)) ?? [];
  return write(value, { ascii: truthy(ascii), indent: unit, between, colon, sorted: truthy(sort) }, '\n');
}

function indentWidth(indent: Value): number {
  const width = typeof indent === 'boolean' ? Number(indent) : indent;
  if (typeof width !== 'number') throw new Fault(`indent must be a number or a text, not ${typeName(indent)}`);
  roomForText(width);
  return Math.max(0, width);
}

function write(value: Value, style: Style, line: string): string {
  spend();
  if (line.length > 100_000) throw new RangeError('nested too deeply');
  const text = asText(value);
  if (text !== null) return quoted(text, style.ascii);
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'number') return String(value);
  if (value instanceof Float) return jsonFloat(value.value);
  const inner = line + (style.indent ?? '');
  if (value instanceof Dict) {
    const pairs = [...value.pairs()];
    if (style.sorted) pairs.sort(([a], [b]) => (less(a, b) ? -1 : less(b, a) ? 1 : 0));
    const parts = pairs.map(([key, item]) => `${keyText(key, style.ascii)}${style.colon}${write(item, style, inner)}`);
    return wrapped('{', parts, '}', style, line);
  }
  const items = value instanceof Tuple ? value.items : value;
  if (!isItems(items)) throw new Fault(`Object of type ${typeName(value)} is not JSON serializable`);
  const parts = items.map((item) => write(item, style, inner));
  return wrapped('[', parts, ']', style, line);
}

function wrapped(open: string, parts: readonly string[], close: string, style: Style, line: string): string {
  if (parts.length === 0) return open + close;
  if (style.indent === null) return `${open}${joined(parts, style.between)}${close}`;
  const inner = line + style.indent;
  return `${open}${inner}${joined(parts, style.between + inner)}${line}${close}`;
}

function keyText(key: Value, ascii: boolean): string {
  const text = asText(key);
  if (text !== null) return quoted(text, ascii);
  if (key === null) return '"null"';
  if (typeof key === 'boolean') return key ? '"true"' : '"false"';
  if (typeof key === 'number') return `"${key}"`;
  if (key instanceof Float) return `"${jsonFloat(key.value)}"`;
  throw new Fault(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

const jsonFloat = (value: number): string =>
  Number.isNaN(value) ? 'NaN' : Number.isFinite(value) ? floatText(value) : value > 0 ? 'Infinity' : '-Infinity';

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
};

function quoted(text: string, ascii: boolean): string {
  const escaped = text.replace(ascii ? /["\\]|[^ -~]/g : /["\\\x00-\x1f]/g, (letter) => {
    return SHORT[letter] ?? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}
