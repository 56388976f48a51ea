/** The server must honour ranges, stay inside its folder and send the headers that isolate the page. */
import { must } from '../src/base/assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HubServer } from '../e2e/support/hub-server';
import { rangeOf, serveFolder } from './lib/static-server.mjs';

const folder = mkdtempSync(join(tmpdir(), 'tabtune-server-'));
let server: Awaited<ReturnType<typeof serveFolder>>;
let address: string;

beforeAll(async () => {
  writeFileSync(join(folder, 'index.html'), '<p>page</p>');
  writeFileSync(join(folder, 'weights.bin'), 'abcdefghij');
  // With the stand-in for the Hub before it, as in end-to-end tests.
  const hub = new HubServer();
  server = await serveFolder({ folder, port: 0, before: (request, response) => hub.handle(request, response) });
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

/** Sends such a first line over a bare connection, and gives the status that is answered; null without an answer. */
function statusOfLine(line: string): Promise<number | null> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(server.port, '127.0.0.1', () =>
      socket.end(`${line} HTTP/1.1\r\nHost: x\r\nRange: bytes=5-1,-\r\nIf-Range: \u00ff\r\nConnection: close\r\n\r\n`),
    );
    socket.setEncoding('latin1').on('data', (part: string) => (answer += part));
    socket.on('error', () => undefined).on('close', () => resolve(Number(/^HTTP\S* (\d+)/.exec(answer)?.[1]) || null));
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

  it.each([
    ...[
      'GET //',
      'GET ///',
      'GET //a:b',
      'GET //[',
      'GET /\\',
      'GET *',
      'GET http://',
      'GET http://[',
      'GET a:b',
      'GET ?',
    ],
    ...[
      'GET /%',
      'GET /%00',
      'GET /%c0%ae%c0%ae/',
      'GET /hub/%',
      'GET /hub//',
      `GET /${'a'.repeat(9000)}`,
      'GET /weights.bin/',
    ],
    ...['OPTIONS *', 'CONNECT a:1', 'POST //', 'HEAD //', 'PROPFIND /', 'FOO /', 'GET', ''],
  ])('outlives the request line “%s”', async (line) => {
    const status = await statusOfLine(line);
    expect(status === null || (status >= 200 && status < 500)).toBe(true);
    expect((await fetch(`${address}/weights.bin`)).status).toBe(200);
  });

  it('reads the three kinds of range', () => {
    expect(rangeOf('bytes=2-5', 10)).toEqual({ start: 2, end: 5 });
    expect(rangeOf('bytes=7-', 10)).toEqual({ start: 7, end: 9 });
    expect(rangeOf('bytes=-3', 10)).toEqual({ start: 7, end: 9 });
    expect(rangeOf('bytes=12-', 10)).toBeNull();
  });
});
