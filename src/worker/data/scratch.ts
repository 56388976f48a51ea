/** Room for what is being unpacked: in memory while it is little, then in a file of the browser's storage. */
import type { ByteSource, ByteStore } from '../../base/bytes';
import { memoryStore } from '../../base/bytes';

/** Bytes that are held in memory before a file is opened. */
const MEMORY_BYTES = 32 << 20;

/** A file that nobody keeps. */
export interface ScratchFile {
  store: ByteStore;
  remove(): Promise<void>;
}

export class Scratch {
  private store: ByteStore = memoryStore();
  private file: ScratchFile | null = null;

  /** @param open opens a file of its own */
  constructor(private readonly open: () => Promise<ScratchFile>) {}

  get size(): number {
    return this.store.size;
  }

  append(bytes: Uint8Array): void {
    this.store.append(bytes);
  }

  /** To be awaited now and then while bytes are appended: much is moved from memory into a file. */
  async settle(): Promise<void> {
    if (this.file || this.store.size <= MEMORY_BYTES) return;
    const file = await this.open();
    for (let at = 0; at < this.store.size; at += MEMORY_BYTES)
      file.store.append(this.store.read(at, Math.min(MEMORY_BYTES, this.store.size - at)));
    this.file = file;
    this.store = file.store;
  }

  /** A part of what was appended, as a file of its own. */
  source(name: string, from: number, to: number): ByteSource {
    return {
      name,
      size: to - from,
      read: (start, end) =>
        Promise.resolve(this.store.read(from + start, Math.max(0, Math.min(end, to - from) - start))),
    };
  }

  /** Gives all room back; no part can be read any more. */
  async remove(): Promise<void> {
    await this.file?.remove();
    this.file = null;
    this.store = memoryStore();
  }
}
