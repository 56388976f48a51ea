/** Byte sources and byte stores: what files, blobs, downloads and the browser's storage look like to the rest. */

/** Something with a name and a known size that can be read in pieces; a `File`, or bytes in memory. */
export interface ByteSource {
  readonly name: string;
  readonly size: number;
  /** Bytes [start, end). */
  read(start: number, end: number): Promise<Uint8Array>;
}

/** An append-only file that can be read at any place; OPFS in the browser, memory in tests. */
export interface ByteStore {
  readonly size: number;
  append(bytes: Uint8Array): void;
  /** Bytes [offset, offset + length); throws when they are not there. */
  read(offset: number, length: number): Uint8Array;
  /** Forgets what lies beyond the first `size` bytes. */
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  return { name, size: bytes.byteLength, read: (start, end) => Promise.resolve(bytes.subarray(start, end)) };
}

export function blobSource(name: string, blob: Blob): ByteSource {
  return {
    name,
    size: blob.size,
    read: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
  };
}

/** A growing buffer in memory behind the `ByteStore` contract. */
export function memoryStore(): ByteStore {
  let buffer = new Uint8Array(1024);
  let size = 0;
  return {
    get size() {
      return size;
    },
    append(bytes) {
      if (size + bytes.length > buffer.length) {
        const grown = new Uint8Array(Math.max(buffer.length * 2, size + bytes.length));
        grown.set(buffer.subarray(0, size));
        buffer = grown;
      }
      buffer.set(bytes, size);
      size += bytes.length;
    },
    read(offset, length) {
      if (offset < 0 || offset + length > size)
        throw new RangeError(`read [${offset}, ${offset + length}) past the end ${size}`);
      return buffer.slice(offset, offset + length);
    },
    truncate(kept) {
      size = Math.min(size, kept);
    },
    flush: () => undefined,
    close: () => undefined,
  };
}

/** Hex SHA-256 of the bytes. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
