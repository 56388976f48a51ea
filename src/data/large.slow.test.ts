/** A big file is streamed: memory stays bounded while rows go to the store, and the counts are exact. */
import { must } from '../base/assert';
import { describe, expect, it } from 'vitest';
import type { ByteSource, ByteStore } from '../base/bytes';
import { Dataset } from './dataset';
import { exampleOf, rowLessons } from '../testing/data';

const MB = 1 << 20;

/** CSV of equally long rows, made when it is read; only the number and the label differ from row to row. */
function generatedSource(rows: number): ByteSource {
  const encoder = new TextEncoder();
  const header = encoder.encode('text,label\n');
  const template = encoder.encode(`"Request 00000000, about ""parcels"" ${'und Grüße '.repeat(7)}end",label 0\n`);
  const row = (i: number): Uint8Array => {
    for (let digit = 0, rest = i; digit < 8; digit++, rest = Math.floor(rest / 10))
      template[16 - digit] = 48 + (rest % 10);
    template[template.length - 2] = 48 + (i % 7);
    return template;
  };
  return {
    name: 'big.csv',
    size: header.length + rows * template.length,
    read(start, end) {
      const out = new Uint8Array(end - start);
      for (let at = start; at < end;) {
        const inHeader = at < header.length;
        const index = inHeader ? 0 : Math.floor((at - header.length) / template.length);
        const piece = inHeader
          ? header.subarray(at)
          : row(index).subarray(at - header.length - index * template.length);
        const taken = piece.subarray(0, end - at);
        out.set(taken, at - start);
        at += taken.length;
      }
      return Promise.resolve(out);
    },
  };
}

/** A store outside of the JavaScript heap, in pieces, like a file; it records the largest single append and read. */
function fileLikeStore(): ByteStore & { largestAppend: number; largestRead: number } {
  const pieces: Uint8Array[] = [];
  const starts: number[] = [];
  let size = 0;
  return {
    largestAppend: 0,
    largestRead: 0,
    get size() {
      return size;
    },
    append(bytes) {
      this.largestAppend = Math.max(this.largestAppend, bytes.length);
      pieces.push(bytes.slice());
      starts.push(size);
      size += bytes.length;
    },
    read(offset, length) {
      this.largestRead = Math.max(this.largestRead, length);
      const out = new Uint8Array(length);
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (must(starts[middle]) <= offset) low = middle;
        else high = middle - 1;
      }
      for (let at = 0; at < length; low++) {
        const from = offset + at - must(starts[low]);
        const taken = must(pieces[low]).subarray(from, from + length - at);
        out.set(taken, at);
        at += taken.length;
      }
      return out;
    },
    flush: () => undefined,
    close: () => undefined,
  };
}

describe('a generated CSV of 64 MB', () => {
  it('is imported row by row with bounded buffers and exact counts', async () => {
    const rows = 500_000;
    const source = generatedSource(rows);
    expect(source.size).toBeGreaterThan(60 * MB);
    const stores = { rows: fileLikeStore(), index: fileLikeStore() };
    let largestRead = 0;
    const watched: ByteSource = {
      ...source,
      read: (start, end) => ((largestRead = Math.max(largestRead, end - start)), source.read(start, end)),
    };
    // What the import itself keeps is told from what the stores keep: those are counted and taken off.
    const before = process.memoryUsage();
    let peak = 0;
    const look = (): void => {
      const now = process.memoryUsage();
      peak = Math.max(
        peak,
        now.heapUsed + now.arrayBuffers - before.heapUsed - before.arrayBuffers - stores.rows.size - stores.index.size,
      );
    };
    const dataset = await Dataset.import(watched, 'big', stores, rowLessons, {
      durable: false,
      onProgress: look,
      onRowProgress: look,
    });
    expect(dataset.info).toMatchObject({ rows, usableRows: rows });
    expect(dataset.info.labels.map((label) => label.count).reduce((a, b) => a + b)).toBe(rows);
    expect(dataset.info.health).toMatchObject({ duplicates: 0, conflicts: 0, blocker: null });
    expect(dataset.info.splitRows).toEqual({ train: 400_000, validation: 50_000, test: 50_000 });
    expect(exampleOf(dataset, rows)?.text).toContain('Request 00499999, about "parcels"');
    expect(dataset.rows(250_000, 2, 'all').rows.map((row) => row.row)).toEqual([250_001, 250_002]);
    expect(largestRead).toBeLessThanOrEqual(MB);
    expect(stores.rows.largestAppend).toBeLessThanOrEqual(MB);
    expect(stores.rows.largestRead).toBeLessThanOrEqual(4 * MB);
    expect(peak).toBeLessThan(192 * MB);
    console.info(
      `64 MB import: peak of the import's own memory ${Math.round(peak / MB)} MB (garbage not yet collected included)`,
    );
  });
});
