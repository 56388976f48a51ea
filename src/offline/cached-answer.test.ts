/** Answers from the cache look like the server's: headers, and ranges for downloads that go on. */
import { describe, expect, it } from 'vitest';
import { inRange, withHeaders } from './cached-answer';

const whole = (): Response => new Response('0123456789', { headers: { ETag: '"a"', 'Content-Type': 'text/plain' } });
const asked = (headers: Record<string, string>) => ({ headers: new Headers(headers) });

describe('withHeaders', () => {
  it('sets headers, and forgets how the body was packed on its way', async () => {
    const packed = new Response('text', {
      headers: { 'Content-Encoding': 'gzip', 'Content-Length': '2', ETag: '"x"' },
    });
    const answer = withHeaders(packed, { 'Cross-Origin-Embedder-Policy': 'require-corp' });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      etag: '"x"',
      'cross-origin-embedder-policy': 'require-corp',
    });
    expect([answer.headers.has('Content-Encoding'), answer.headers.has('Content-Length')]).toEqual([false, false]);
    expect(await answer.text()).toBe('text');
  });
});

describe('inRange', () => {
  it.each([
    [{ Range: 'bytes=4-' }, 206, '456789', 'bytes 4-9/10'],
    [{ Range: 'bytes=2-3' }, 206, '23', 'bytes 2-3/10'],
    [{ Range: 'bytes=8-99' }, 206, '89', 'bytes 8-9/10'],
    [{ Range: 'bytes=4-', 'If-Range': '"a"' }, 206, '456789', 'bytes 4-9/10'],
    [{ Range: 'bytes=4-', 'If-Range': '"other"' }, 200, '0123456789', null],
    [{ Range: 'bytes=10-' }, 416, '', 'bytes */10'],
    [{ Range: 'bytes=-3' }, 200, '0123456789', null],
    [{}, 200, '0123456789', null],
  ])('%j', async (headers, status, text, range) => {
    const answer = await inRange(whole(), asked(headers));
    expect([answer.status, await answer.text(), answer.headers.get('Content-Range')]).toEqual([status, text, range]);
  });
});
