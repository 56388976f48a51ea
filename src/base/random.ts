/** Counter-based randomness: a value depends only on (seed, stream, counter), so every run can be repeated. */

/** Mixes a 32-bit integer well (the finalizer of MurmurHash3, public domain, A. Appleby). */
export function mix32(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** 32 random bits for a (seed, stream, counter) triple. */
export function randomBits(seed: number, stream: number, counter: number): number {
  return mix32(mix32(mix32(seed ^ 0x9e3779b9) ^ Math.imul(stream, 0x85ebca77)) ^ Math.imul(counter, 0xc2b2ae3d));
}

/** A stable 32-bit number for a name, to give each consumer of randomness its own stream (FNV-1a). */
export function streamOf(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** A generator over one stream; `next()` is uniform in [0, 1). */
export class SeededRandom {
  private counter = 0;
  private readonly seed: number;
  private readonly stream: number;

  constructor(seed: number, stream: string | number = 0) {
    this.seed = seed >>> 0;
    this.stream = typeof stream === 'string' ? streamOf(stream) : stream >>> 0;
  }

  next(): number {
    const high = randomBits(this.seed, this.stream, this.counter++) >>> 5;
    const low = randomBits(this.seed, this.stream, this.counter++) >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** Uniform integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** Standard normal by the Box–Muller transform. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return radius * Math.cos(2 * Math.PI * this.next());
  }

  /** Fisher–Yates, in place; returns the same array. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    const list = items as { length: number; [index: number]: unknown };
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = list[i];
      list[i] = list[j];
      list[j] = held;
    }
    return items;
  }
}
