/** Values as Python prints them. */
import { joined, roomForText, spend } from './budget';
import { Unsupported } from './errors';
import { asText, Dict, Float, Markup, Range, Thing, Tuple, typeName, Undefined, View, isItems } from './values';
import type { Value } from './values';

/** Python's `str`. */
export function printed(value: Value): string {
  return value instanceof Undefined ? '' : (asText(value) ?? repr(value));
}

/** Python's `repr`. Throws for what is printed with an address. */
export function repr(value: Value, depth = 0): string {
  spend();
  if (depth > 200) throw new RangeError('nested too deeply');
  const inner = (item: Value): string => repr(item, depth + 1);
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return quoted(value);
  if (value instanceof Float) return floatText(value.value);
  if (value instanceof Markup) return `Markup(${quoted(value.text)})`;
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof Tuple) return `(${joined(value.items.map(inner), ', ')}${value.items.length === 1 ? ',' : ''})`;
  if (value instanceof Dict) {
    const pairs = Array.from(value.pairs(), ([key, item]) => `${inner(key)}: ${inner(item)}`);
    return `{${joined(pairs, ', ')}}`;
  }
  if (value instanceof View) return `dict_${value.of}(${inner(value.items())})`;
  if (value instanceof Range) return `range(${value.start}, ${value.stop}${value.step === 1 ? '' : `, ${value.step}`})`;
  if (isItems(value)) return `[${joined(value.map(inner), ', ')}]`;
  const shown = value instanceof Thing ? value.shown() : null;
  if (shown !== null) return shown;
  throw new Unsupported(`the printed form of a ${typeName(value)}`);
}

/** Python's `repr` of a float: the shortest digits that give it back. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    const digits = String(Math.abs(power)).padStart(2, '0');
    return `${mantissa}e${power < 0 ? '-' : '+'}${digits}`;
  }
  const plain =
    power < 0 ? value.toFixed(Math.max(0, mantissa.replace(/[-.]/g, '').length - 1 - power)) : String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

/** A text in quotes, with escapes for what cannot be printed. */
function quoted(text: string): string {
  roomForText(text.length * 4);
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inside = text.replace(/[\p{C}\p{Z}\\'"]/gu, (letter) => {
    if (letter === ' ') return letter;
    if (letter === "'" || letter === '"') return letter === quote ? `\\${letter}` : letter;
    return ESCAPES[letter] ?? codeEscape(letter.codePointAt(0) ?? 0);
  });
  return `${quote}${inside}${quote}`;
}

function codeEscape(code: number): string {
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
