/** SHA-256 over a stream (FIPS 180-4); Web Crypto can only hash what lies in memory as a whole. */
import { must } from '../base/assert';

/** The first 32 bits of the fractional parts of a root of each prime (FIPS 180-4, 4.2.2 and 5.3.3). */
function primeRoots(count: number, root: (prime: number) => number): Uint32Array {
  const out = new Uint32Array(count);
  let found = 0;
  for (let n = 2; found < count; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
    if (prime) out[found++] = Math.floor((root(n) % 1) * 2 ** 32);
  }
  return out;
}

const K = Int32Array.from(primeRoots(64, Math.cbrt));
const START = primeRoots(8, Math.sqrt);

const rotate = (x: number, n: number): number => (x >>> n) | (x << (32 - n));

/** Feed bytes with `update`, then read the lower-case hex digest once with `hex`. */
export class Sha256 {
  private readonly state = Int32Array.from(START);
  private readonly words = new Int32Array(64);
  private readonly block = new Uint8Array(64);
  private filled = 0;
  private total = 0;

  update(bytes: Uint8Array): void {
    this.total += bytes.length;
    let at = 0;
    if (this.filled > 0) {
      at = Math.min(64 - this.filled, bytes.length);
      this.block.set(bytes.subarray(0, at), this.filled);
      this.filled += at;
      if (this.filled < 64) return;
      this.compress(this.block, 0);
      this.filled = 0;
    }
    for (; at + 64 <= bytes.length; at += 64) this.compress(bytes, at);
    this.block.set(bytes.subarray(at));
    this.filled = bytes.length - at;
  }

  hex(): string {
    const bits = this.total * 8;
    const padding = new Uint8Array(((119 - (this.total % 64)) % 64) + 1 + 8);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    view.setUint32(padding.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(padding.length - 4, bits >>> 0);
    this.update(padding);
    return Array.from(this.state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  private compress(bytes: Uint8Array, from: number): void {
    const { words: w, state } = this;
    for (let i = 0; i < 16; i++) {
      const p = from + 4 * i;
      w[i] = (must(bytes[p]) << 24) | (must(bytes[p + 1]) << 16) | (must(bytes[p + 2]) << 8) | must(bytes[p + 3]);
    }
    for (let i = 16; i < 64; i++) {
      const x = must(w[i - 15]);
      const y = must(w[i - 2]);
      const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
      const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
      w[i] = must(w[i - 16]) + s0 + must(w[i - 7]) + s1;
    }
    let a = must(state[0]);
    let b = must(state[1]);
    let c = must(state[2]);
    let d = must(state[3]);
    let e = must(state[4]);
    let f = must(state[5]);
    let g = must(state[6]);
    let h = must(state[7]);
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + must(K[i]) + must(w[i])) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    state[0] = must(state[0]) + a;
    state[1] = must(state[1]) + b;
    state[2] = must(state[2]) + c;
    state[3] = must(state[3]) + d;
    state[4] = must(state[4]) + e;
    state[5] = must(state[5]) + f;
    state[6] = must(state[6]) + g;
    state[7] = must(state[7]) + h;
  }
}
