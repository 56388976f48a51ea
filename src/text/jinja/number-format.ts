/** Numbers and texts as Python's format specifications lay them out; `%` and `str.format` share them. */
import { roomForText } from './budget';
import { countPoints } from './characters';
import { Fault, Unsupported } from './errors';
import { floatText } from './print';

export interface Layout {
  fill: string;
  align: '<' | '>' | '^' | '=';
  /** What stands before numbers that are not negative. */
  sign: '' | '+' | ' ';
  alternate: boolean;
  width: number;
  precision: number | null;
  comma: string;
  type: string;
}

export function padded(text: string, { width, fill, align }: Pick<Layout, 'width' | 'fill' | 'align'>): string {
  roomForText(width);
  const room = width - countPoints(text);
  if (room <= 0) return text;
  if (align === '=') {
    const head = /^[+\- ]?(0[xob])?/i.exec(text)?.[0] ?? '';
    return head + fill.repeat(room) + text.slice(head.length);
  }
  const left = align === '<' ? 0 : align === '>' ? room : Math.floor(room / 2);
  return fill.repeat(left) + text + fill.repeat(room - left);
}

/** A number laid out; `exact` is whether it is a whole one. */
export function formatNumber(value: number, exact: boolean, layout: Layout): string {
  const { precision, type, alternate, comma } = layout;
  const size = Math.abs(value);
  const negative = value < 0 || Object.is(value, -0);
  let digits: string;
  const based = BASES[type];
  if (based) {
    if (!exact) throw new Fault(`Unknown format code '${type}' for object of type 'float'`);
    const [base, prefix] = based;
    digits = size.toString(base).padStart(precision ?? 0, '0');
    if (alternate && base !== 10) digits = prefix + digits;
    if (type === 'X') digits = digits.toUpperCase();
  } else digits = pointed(size, type, precision, alternate);
  if (comma !== '') {
    const [integer = '', rest] = digits.split('.');
    digits = integer.replace(/\B(?=(?:\d{3})+$)/g, comma) + (rest === undefined ? '' : `.${rest}`);
  }
  return padded((negative ? '-' : layout.sign) + digits, layout);
}

const BASES: Readonly<Record<string, readonly [number, string]>> = {
  d: [10, ''],
  x: [16, '0x'],
  X: [16, '0x'],
  o: [8, '0o'],
  b: [2, '0b'],
};

function pointed(size: number, type: string, precision: number | null, alternate: boolean): string {
  if (alternate) throw new Unsupported('the format flag #');
  if (!Number.isFinite(size)) return Number.isNaN(size) ? 'nan' : type === type.toUpperCase() ? 'INF' : 'inf';
  switch (type) {
    case 'f':
    case 'F':
      return fixed(size, precision ?? 6);
    case '%':
      return `${fixed(size * 100, precision ?? 6)}%`;
    case 'e':
    case 'E': {
      const text = exponential(size, precision ?? 6);
      return type === 'E' ? text.toUpperCase() : text;
    }
    case 'g':
    case 'G': {
      const text = general(size, precision ?? 6);
      return type === 'G' ? text.toUpperCase() : text;
    }
    case '':
      return precision === null ? floatText(size) : dotted(general(size, precision, -1), size, precision);
    default:
      throw new Fault(`Unknown format code '${type}'`);
  }
}

/** Ties go to the even digit, as in Python. */
export function fixed(size: number, digits: number): string {
  if (digits > 100 || size >= 1e21) throw new Unsupported('numbers as long as these');
  const [before = '', after = ''] = size.toFixed(100).split('.');
  const text = size.toFixed(digits);
  if (!/^50*$/.test(after.slice(digits))) return text;
  // The digit before the tie stays when it is even.
  const kept = before + after.slice(0, digits);
  const even = Number(kept.at(-1)) % 2 === 0;
  return even ? (digits === 0 ? before : `${before}.${after.slice(0, digits)}`) : text;
}

function exponential(size: number, digits: number): string {
  if (digits > 100) throw new Unsupported('numbers as long as these');
  return size.toExponential(digits).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** `limit` is added to the precision where the plain form ends: Python's unnamed form ends one earlier. */
function general(size: number, precision: number, limit = 0): string {
  const significant = Math.max(1, precision);
  const power = Number(exponential(size, significant - 1).split('e')[1]);
  if (power < -4 || power >= significant + limit) {
    const [mantissa = '', exponent = ''] = exponential(size, significant - 1).split('e');
    return `${trimmed(mantissa)}e${exponent}`;
  }
  return trimmed(fixed(size, Math.max(0, significant - 1 - power)));
}

const trimmed = (text: string): string => (text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text);

const dotted = (text: string, size: number, precision: number): string =>
  /[.e]/.test(text) || precision === 0 || !Number.isFinite(size) ? text : `${text}.0`;
