/** CRC-32 (ISO-HDLC, as zip uses it), eight bytes at a time ("slicing by 8", Kounavis and Berry, 2005). */

/** TABLES[k * 256 + b]: what byte b, followed by k zero bytes, does to the checksum. */
const TABLES = ((): Int32Array => {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    tables[byte] = value;
  }
  for (let at = 256; at < tables.length; at++) {
    const before = tables[at - 256] as number;
    tables[at] = (tables[before & 0xff] as number) ^ (before >>> 8);
  }
  return tables;
})();

/** What byte `shift / 8` of a word does when `after` bytes of the eight follow it. */
const step = (word: number, shift: number, after: number): number =>
  TABLES[after * 256 + ((word >>> shift) & 0xff)] as number;

/** The checksum of `bytes` as an unsigned number; `before` is that of the bytes in front of them. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let crc = ~before;
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) {
    const low = crc ^ view.getInt32(at, true);
    const high = view.getInt32(at + 4, true);
    const first = step(low, 0, 7) ^ step(low, 8, 6) ^ step(low, 16, 5) ^ step(low, 24, 4);
    crc = first ^ step(high, 0, 3) ^ step(high, 8, 2) ^ step(high, 16, 1) ^ step(high, 24, 0);
  }
  for (; at < bytes.length; at++) crc = step(crc ^ (bytes[at] as number), 0, 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}
