/** For tests: packed matrices of random values. */
import { SeededRandom } from '../base/random';
import { halfOf } from '../formats/gguf/quantize';
import { packedBytes } from '../formats/gguf/types';
import type { BlockType, PackedBlocks, PackedType } from '../formats/tensor';

const HEAD: Record<BlockType, number> = { Q8_0: 2, Q4_0: 2, Q4_1: 4 };
/**
 * Scales that give weights of about 1/4; every third block has one that half precision holds as a subnormal number
 * only.
 */
const SCALE: Record<BlockType, number> = { Q8_0: 2 ** -9, Q4_0: 2 ** -5, Q4_1: 2 ** -5 };

/** Halves of both signs: weights of about 1/4, every third a subnormal number. */
function randomHalves(random: SeededRandom, rows: number, columns: number): PackedBlocks {
  const halves = Uint16Array.from({ length: rows * columns }, (_, i) =>
    halfOf((i % 3 === 2 ? 3e-5 : 0.25) * random.normal()),
  );
  return { type: 'F16', shape: [rows, columns], bytes: new Uint8Array(halves.buffer) };
}

/** Blocks with every kind of value, and scales of both signs; or halves. */
export function randomBlocks(type: PackedType, rows: number, columns: number): PackedBlocks {
  const random = new SeededRandom(5, `${type} ${rows} × ${columns}`);
  if (type === 'F16') return randomHalves(random, rows, columns);
  const bytes = Uint8Array.from({ length: packedBytes(type, rows * columns) }, () => random.below(256));
  const size = packedBytes(type, 32);
  for (let at = 0, block = 0; at < bytes.length; at += size, block++)
    for (let field = 0; field < HEAD[type]; field += 2) {
      const half = halfOf(
        (block % 3 === 2 ? 3e-6 : SCALE[type] * (field === 0 ? 1 : -8)) * (0.5 + random.next()) * (block % 2 ? 1 : -1),
      );
      bytes[at + field] = half & 255;
      bytes[at + field + 1] = half >> 8;
    }
  return { type, shape: [rows, columns], bytes };
}
