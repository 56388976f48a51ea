/** Python's arithmetic, and what operators do to texts and lists. */
import { roomForList, roomForText } from './budget';
import { Fault, Unsupported } from './errors';
import { percent } from './percent-format';
import type { Calculated, Compared } from './nodes';
import {
  asNumber,
  asText,
  Dict,
  equal,
  Float,
  iterate,
  less,
  Markup,
  Range,
  Tuple,
  typeName,
  Undefined,
  whole,
  isItems,
} from './values';
import type { Value } from './values';

export function calculate(operator: Calculated, left: Value, right: Value): Value {
  if (left instanceof Undefined) left.fail();
  if (operator === '%' && asText(left) !== null) {
    if (left instanceof Markup) throw new Unsupported('% on a text marked as safe');
    return percent(asText(left) ?? '', right);
  }
  if (right instanceof Undefined) right.fail();
  const [a, b] = [asNumber(left), asNumber(right)];
  if (a !== null && b !== null) {
    const floats = left instanceof Float || right instanceof Float;
    return floats ? floating(operator, a, b) : integral(operator, a, b);
  }
  if (operator === '+') return added(left, right);
  if (operator === '*' && b !== null && !(right instanceof Float)) return repeated(left, b);
  if (operator === '*' && a !== null && !(left instanceof Float)) return repeated(right, a);
  return mismatch(operator, left, right);
}

function mismatch(operator: string, left: Value, right: Value): never {
  throw new Fault(`unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`);
}

/** The rest has the sign of the divisor. */
function modulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

function integral(operator: Calculated, a: number, b: number): Value {
  if (b === 0 && (operator === '/' || operator === '//' || operator === '%')) throw new Fault('division by zero');
  switch (operator) {
    case '+':
      return whole(a + b);
    case '-':
      return whole(a - b);
    case '*':
      return whole(a * b);
    case '/':
      return new Float(a / b);
    case '//':
      return whole((a - modulo(a, b)) / b);
    case '%':
      return whole(modulo(a, b));
    case '**':
      if (b >= 0) return whole(a ** b);
      if (a === 0) throw new Fault('0.0 cannot be raised to a negative power');
      return new Float(a ** b);
  }
}

function floating(operator: Calculated, a: number, b: number): Value {
  if (b === 0 && (operator === '/' || operator === '//' || operator === '%')) throw new Fault('float division by zero');
  switch (operator) {
    case '+':
      return new Float(a + b);
    case '-':
      return new Float(a - b);
    case '*':
      return new Float(a * b);
    case '/':
      return new Float(a / b);
    case '//':
      return new Float(Math.round((a - modulo(a, b)) / b));
    case '%':
      return new Float(modulo(a, b));
    case '**':
      if ((a === 0 && b < 0) || (a < 0 && !Number.isInteger(b))) throw new Unsupported('this power');
      if (!Number.isFinite(a ** b) && Number.isFinite(a) && Number.isFinite(b))
        throw new Fault('Numerical result out of range');
      return new Float(a ** b);
  }
}

function added(left: Value, right: Value): Value {
  const [a, b] = [asText(left), asText(right)];
  if (a !== null && b !== null) {
    roomForText(a.length + b.length);
    if (!(left instanceof Markup) && !(right instanceof Markup)) return a + b;
    return new Markup((left instanceof Markup ? a : escapeHtml(a)) + (right instanceof Markup ? b : escapeHtml(b)));
  }
  const tuples = left instanceof Tuple && right instanceof Tuple ? [left.items, right.items] : [left, right];
  const [first, second] = tuples;
  if (!isItems(first) || !isItems(second)) return mismatch('+', left, right);
  roomForList(first.length + second.length);
  const items = [...first, ...second];
  return left instanceof Tuple ? new Tuple(items) : items;
}

function repeated(value: Value, times: number): Value {
  const count = Math.max(0, times);
  const text = asText(value);
  if (text !== null) {
    roomForText(text.length * count);
    return value instanceof Markup ? new Markup(text.repeat(count)) : text.repeat(count);
  }
  const items = value instanceof Tuple ? value.items : value;
  if (!isItems(items)) return mismatch('*', value, times);
  roomForList(items.length * count);
  const many = Array.from({ length: count }, () => items).flat();
  return value instanceof Tuple ? new Tuple(many) : many;
}

export const escapeHtml = (text: string): string => {
  roomForText(text.length * 5);
  return text.replace(/[&<>"']/g, (letter) => HTML[letter] ?? letter);
};
const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };

export function signed(negative: boolean, value: Value): Value {
  if (value instanceof Undefined) value.fail();
  const number = asNumber(value);
  if (number === null) throw new Fault(`bad operand type for unary ${negative ? '-' : '+'}: '${typeName(value)}'`);
  if (value instanceof Float) return new Float(negative ? -number : number);
  return whole(negative ? -number : number);
}

export function compare(operator: Compared, left: Value, right: Value): boolean {
  switch (operator) {
    case '==':
      return equal(left, right);
    case '!=':
      return !equal(left, right);
    case '<':
      return less(left, right);
    case '<=':
      return less(left, right, true);
    case '>':
      return less(right, left);
    case '>=':
      return less(right, left, true);
    case 'in':
      return contains(right, left);
    case 'not in':
      return !contains(right, left);
  }
}

/** Python's `item in value`. */
export function contains(value: Value, item: Value): boolean {
  const text = asText(value);
  if (text !== null) {
    const part = asText(item);
    if (part === null) throw new Fault(`'in <string>' requires string as left operand, not ${typeName(item)}`);
    return text.includes(part);
  }
  if (value instanceof Dict) return value.get(item) !== undefined;
  if (value instanceof Range) {
    const at = (asNumber(item) ?? NaN) - value.start;
    return at % value.step === 0 && at / value.step >= 0 && at / value.step < value.length;
  }
  for (const one of iterate(value)) if (equal(one, item)) return true;
  return false;
}
