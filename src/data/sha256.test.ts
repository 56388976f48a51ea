/** The streaming hash equals Node's, whatever the pieces. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Sha256 } from './sha256';

const nodeHash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

it('equals the reference for every length around the block size, in pieces of any size', () => {
  for (let length = 0; length < 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 255);
    const hash = new Sha256();
    for (let at = 0; at < length; at += 13) hash.update(bytes.subarray(at, at + 13));
    expect(hash.hex()).toBe(nodeHash(bytes));
  }
});

it('equals the reference for any bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), (pieces) => {
      const hash = new Sha256();
      for (const piece of pieces) hash.update(piece);
      expect(hash.hex()).toBe(nodeHash(Uint8Array.from(pieces.flatMap((piece) => [...piece]))));
    }),
  );
});
