/** Tells by its first bytes how a file is packed. */

export type Packing = 'zip' | 'gzip' | 'tar';

/** Bytes to look at: a tar archive shows itself behind its first name. */
export const PACKING_BYTES = 512;

const starts = (head: Uint8Array, bytes: readonly number[], at = 0): boolean =>
  bytes.every((byte, i) => head[at + i] === byte);

/** How a file with these first bytes is packed, or null when it is not. */
export function packingOf(head: Uint8Array): Packing | null {
  if (starts(head, [0x50, 0x4b, 3, 4]) || starts(head, [0x50, 0x4b, 5, 6])) return 'zip';
  if (starts(head, [0x1f, 0x8b, 8])) return 'gzip';
  // “ustar”
  return starts(head, [0x75, 0x73, 0x74, 0x61, 0x72], 257) ? 'tar' : null;
}

const OTHERS: readonly (readonly [what: string, bytes: readonly number[]])[] = [
  ['a 7z archive', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['a RAR archive', [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]],
  ['packed with xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['packed with bzip2', [0x42, 0x5a, 0x68]],
  ['packed with Zstandard', [0x28, 0xb5, 0x2f, 0xfd]],
];

/** What packs a file in a way that is not read here: "a 7z archive"; null when nothing does. */
export const otherPacking = (head: Uint8Array): string | null =>
  OTHERS.find(([, bytes]) => starts(head, bytes))?.[0] ?? null;
