/** The server must honour ranges, stay inside its folder and send the headers that isolate the page. */
import { must } from '../src/base/assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rangeOf, serveFolder } from './lib/static-server.mjs';

const folder = mkdtempSync(join(tmpdir(), 'tabtune-server-'));
let server: Awaited<ReturnType<typeof serveFolder>>;
let address: string;

beforeAll(async () => {
  writeFileSync(join(folder, 'index.html'), '<p>page</p>');
  writeFileSync(join(folder, 'weights.bin'), 'abcdefghij');
  server = await serveFolder({ folder, port: 0 });
  address = `http://127.0.0.1:${server.port}`;
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** The status for a path that `fetch` would tidy up before sending. */
function rawStatus(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ port: server.port, host: '127.0.0.1', path }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
}

describe('the static server', () => {
  it('serves the page isolated and under the page policy', async () => {
    const response = await fetch(`${address}/`);
    expect(await response.text()).toBe('<p>page</p>');
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(response.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('goes on where a download broke off, unless the file has changed', async () => {
    const etag = must((await fetch(`${address}/weights.bin`)).headers.get('etag'));
    const rest = await fetch(`${address}/weights.bin`, { headers: { Range: 'bytes=4-', 'If-Range': etag } });
    expect([rest.status, rest.headers.get('content-range'), await rest.text()]).toEqual([
      206,
      'bytes 4-9/10',
      'efghij',
    ]);
    const changed = await fetch(`${address}/weights.bin`, { headers: { Range: 'bytes=4-', 'If-Range': '"other"' } });
    expect([changed.status, await changed.text()]).toEqual([200, 'abcdefghij']);
  });

  it.each(['/../package.json', '/%2e%2e/package.json', '/absent.txt', '/%zz'])('answers 404 to %s', async (path) => {
    expect(await rawStatus(path)).toBe(404);
  });

  it('reads the three kinds of range', () => {
    expect(rangeOf('bytes=2-5', 10)).toEqual({ start: 2, end: 5 });
    expect(rangeOf('bytes=7-', 10)).toEqual({ start: 7, end: 9 });
    expect(rangeOf('bytes=-3', 10)).toEqual({ start: 7, end: 9 });
    expect(rangeOf('bytes=12-', 10)).toBeNull();
  });
});
