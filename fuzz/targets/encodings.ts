/**
 * Bytes to text: the platform's decoder gives the same text, wherever the bytes are cut; what it had to replace is
 * counted.
 */
import fc from 'fast-check';
import type { TextEncodingName } from '../../src/domain/dataset';
import { TEXT_ENCODINGS } from '../../src/domain/dataset';
import { StreamDecoder } from '../../src/data/tables/decode';
import { detectEncoding } from '../../src/data/tables/encoding';
import { agree, fuzzTarget, holds, outcomeOf } from '../target';
import { spoiltBytes, utf8 } from '../hostile';

const text = fc.string({
  unit: fc.constantFrom('a', ',', '\n', 'é', '日', '😀', '\u0000', '\ufeff', '\uffff'),
  maxLength: 20,
});
const input = fc.record({
  bytes: fc.oneof(
    spoiltBytes(text.map(utf8)),
    fc.uint8Array({ maxLength: 24 }),
    spoiltBytes(text.map((value) => utf8(`\ufeff${value}`))),
  ),
  size: fc.integer({ min: 1, max: 5 }),
  encoding: fc.constantFrom(...TEXT_ENCODINGS),
});

/** Whether the platform takes the bytes as they are. */
function fits(bytes: Uint8Array, name: string): boolean {
  try {
    new TextDecoder(name, { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

const nameOf = (encoding: TextEncodingName): string => (encoding === 'utf-8-bom' ? 'utf-8' : encoding);

export const encodings = fuzzTarget('Text encodings', input, async ({ bytes, size, encoding }) => {
  const decoder = new StreamDecoder(encoding);
  let out = '';
  for (let at = 0; at < bytes.length; at += size) out += decoder.push(bytes.subarray(at, at + size));
  out += decoder.end();
  // Asked in one go, Node's decoder of Windows-1252 gives Latin-1.
  const platform = new TextDecoder(nameOf(encoding));
  agree(out, platform.decode(bytes, { stream: true }) + platform.decode(), 'the platform reads another text');
  const whole = fits(bytes, nameOf(encoding));
  if (encoding.startsWith('utf-')) holds((decoder.replaced === 0) === whole, `${decoder.replaced} bytes are replaced`);
  const lines = out.split('\n').length;
  holds(decoder.replaced === 0 || (decoder.firstLine > 0 && decoder.firstLine <= lines), 'a place outside of the text');
  const found = await outcomeOf(() => detectEncoding(bytes, 'f', true));
  if (found.ok) holds(TEXT_ENCODINGS.includes(found.value), `an unknown encoding ${found.value}`);
  if (found.ok && fits(bytes, 'utf-8'))
    holds(found.value.startsWith('utf-'), 'valid UTF-8 is taken for something else');
  return whole;
});
