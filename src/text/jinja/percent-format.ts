/** `'%s and %d' % (a, 1)`: Python's printf. */
import { joined, roomForText } from './budget';
import { points } from './characters';
import { Fault, Unsupported } from './errors';
import { formatNumber, padded } from './number-format';
import { printed, repr } from './print';
import { asNumber, asText, Dict, Float, Tuple, typeName, Undefined } from './values';
import type { Value } from './values';

const DIRECTIVE = /%(?:\(([^()]*)\))?([-+ #0]*)(\*|\d*)(?:\.(\*|\d*))?[hlL]?([^]?)/g;

export function percent(template: string, values: Value): string {
  const list = values instanceof Tuple ? [...values.items] : null;
  const rest = list ?? [values];
  let named = false;
  const next = (): Value => {
    const value = rest.shift();
    if (value === undefined) throw new Fault('not enough arguments for format string');
    return value;
  };
  const parts: string[] = [];
  let from = 0;
  for (const found of template.matchAll(DIRECTIVE)) {
    const [all, key, flags = '', width = '', precision, type = ''] = found;
    parts.push(template.slice(from, found.index));
    from = found.index + all.length;
    if (type === '%' && all.length === 2) {
      parts.push('%');
      continue;
    }
    if (width === '*' || precision === '*') throw new Unsupported('a width * in a format');
    if (key !== undefined && !(values instanceof Dict)) throw new Fault('format requires a mapping');
    const value = key !== undefined && values instanceof Dict ? values.get(key) : next();
    if (value === undefined) throw new Fault(`KeyError: '${key ?? ''}'`);
    named ||= key !== undefined;
    const layout = { flags, width: Number(width), precision: precision === undefined ? null : Number(precision) };
    parts.push(formatted(value, type, layout));
  }
  parts.push(template.slice(from));
  const unused = list ? rest.length > 0 : rest.length > 0 && !named && !(values instanceof Dict) && !isList(values);
  if (unused) throw new Fault('not all arguments converted during string formatting');
  return joined(parts);
}

// Python takes these for mappings, of which nothing has to be used.
const isList = (value: Value): boolean => Array.isArray(value) || value instanceof Undefined;

function formatted(
  value: Value,
  type: string,
  { flags, width, precision }: { flags: string; width: number; precision: number | null },
): string {
  roomForText(Math.max(width, precision ?? 0));
  const left = flags.includes('-');
  const align = left ? '<' : '>';
  switch (type) {
    case 's':
    case 'r': {
      const text = type === 's' ? printed(value) : repr(value);
      const cut = precision === null ? text : points(text).slice(0, precision).join('');
      return padded(cut, { width, fill: ' ', align });
    }
    case 'c': {
      const text = asText(value) ?? String.fromCodePoint(asNumber(value) ?? 0);
      if (points(text).length !== 1) throw new Fault('%c requires int or char');
      return padded(text, { width, fill: ' ', align });
    }
    default: {
      if (!/^[diuxXofFeEgG]$/.test(type)) throw new Fault(`unsupported format character '${type}'`);
      if (value instanceof Undefined) value.fail();
      const number = asNumber(value);
      if (number === null) throw new Fault(`%${type} format: a real number is required, not ${typeName(value)}`);
      const whole = /[diuxXo]/.test(type);
      if (whole && value instanceof Float && !/[diu]/.test(type))
        throw new Fault(`%${type} format: an integer is required`);
      if (whole && !Number.isFinite(number)) throw new Fault('cannot convert float to integer');
      const zeros = flags.includes('0') && !left;
      return formatNumber(whole ? Math.trunc(number) + 0 : number, whole, {
        fill: zeros ? '0' : ' ',
        align: zeros ? '=' : align,
        sign: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '',
        alternate: flags.includes('#'),
        width,
        precision: precision ?? null,
        comma: '',
        type: /[iu]/.test(type) ? 'd' : type,
      });
    }
  }
}
