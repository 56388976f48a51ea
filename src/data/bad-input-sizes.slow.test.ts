/** Endless lines and sources that end early: an import stops soon, reads little, and says where. */
import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../base/bytes';
import { TabtuneError } from '../base/errors';
import { Dataset } from './dataset';
import { memoryStores, rowLessons } from '../testing/data';

/** A source of any size that begins with `start` and goes on with `rest` again and again; it counts what is read. */
function endless(size: number, start: string, rest: string): ByteSource & { bytesRead: number } {
  const head = new TextEncoder().encode(start);
  const piece = new TextEncoder().encode(rest.repeat(Math.ceil((1 << 20) / rest.length)));
  return {
    name: 'big.csv',
    size,
    bytesRead: 0,
    read(from, to) {
      this.bytesRead += to - from;
      const out = new Uint8Array(to - from);
      for (let at = 0; at < out.length;) {
        const place = from + at - head.length;
        const taken = (place < 0 ? head.subarray(from + at) : piece.subarray(place % piece.length)).subarray(
          0,
          out.length - at,
        );
        out.set(taken, at);
        at += taken.length;
      }
      return Promise.resolve(out);
    },
  };
}

describe('sizes', () => {
  const MB = 1 << 20;

  it.each([
    ['of text', '', 'abcdefgh ijk'],
    ['of commas', '', ','],
    ['of a header and commas', 'text,label\n', 'a,'],
    ['inside a quote', '"', 'a b'],
    ['of quotes', '', '"'],
    ['of open brackets', '', '['],
    ['inside a JSON string', '[{"text": "', 'a'],
    ['of a JSON object', '{"text": "', 'a'],
  ])('a single line of 200 MB %s stops early with a typed error', async (_name, start, rest) => {
    const source = endless(200 * MB, start, rest);
    const error: unknown = await Dataset.import(source, 'id', memoryStores(), rowLessons, { durable: false }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(TabtuneError);
    expect(error).toMatchObject({ code: 'bad-data', place: { file: 'big.csv' } });
    expect((error as TabtuneError).fix).toBeTruthy();
    expect(source.bytesRead).toBeLessThan(20 * MB);
  });

  it('a source that ends early is noticed', async () => {
    const source: ByteSource = {
      name: 'gone.csv',
      size: 1000,
      read: (start) => Promise.resolve(new TextEncoder().encode(start === 0 ? 'text,label\na,b\n' : '')),
    };
    await expect(Dataset.import(source, 'id', memoryStores(), rowLessons, { durable: false })).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining('ended at byte 15'),
    });
  });

  it('an import can be cancelled in the middle', async () => {
    const controller = new AbortController();
    const source = endless(900 * MB, 'text,label\n', 'some text,label a\n');
    let last = 0;
    const importing = Dataset.import(source, 'id', memoryStores(), rowLessons, {
      durable: false,
      signal: controller.signal,
      onProgress: (done) => {
        last = done;
        if (done > 3 * MB) controller.abort();
      },
    });
    await expect(importing).rejects.toMatchObject({ code: 'cancelled' });
    expect(last).toBeLessThan(6 * MB);
  });
});
