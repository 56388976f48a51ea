/**
 * Bytes to text: the platform's decoder gives the same text, or refuses as well; the place of the first bad byte is
 * right.
 */
import fc from 'fast-check';
import { StreamDecoder, detectEncoding, hasByteOrderMark } from '../../src/data/tables/decode';
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
  encoding: fc.constantFrom('utf-8' as const, 'utf-16le' as const, 'utf-16be' as const),
});

function reference(bytes: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

export const encodings = fuzzTarget('Text encodings', input, async ({ bytes, size, encoding }) => {
  const ours = await outcomeOf(() => {
    const decoder = new StreamDecoder(encoding, 'f', false);
    let out = '';
    for (let at = 0; at < bytes.length; at += size) out += decoder.push(bytes.subarray(at, at + size));
    decoder.end();
    return out;
  });
  const expected = reference(bytes, encoding);
  agree(ours.ok ? ours.value : null, expected, 'the platform reads another text');
  if (!ours.ok) {
    const offset = ours.error.place?.offset ?? -1;
    holds(offset >= 0 && offset < bytes.length, `a bad byte at ${offset} of ${bytes.length}`);
    holds(reference(bytes.subarray(0, offset), encoding) !== null, `byte ${offset} is not the first that does not fit`);
  }
  const found = await outcomeOf(() => detectEncoding(bytes, 'f'));
  if (found.ok && found.value !== 'utf-8')
    holds(found.value.startsWith('utf-16') || hasByteOrderMark(bytes, found.value), 'a mark is seen that is not there');
  return ours.ok;
});
