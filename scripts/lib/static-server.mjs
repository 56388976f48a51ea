/** Serves a folder over HTTP with the headers the app needs: cross-origin isolation, the page policy, ranges. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { SECURITY_HEADERS } from './page-policy.mjs';

/** @type {Record<string, string>} */
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.jsonl': 'application/x-ndjson; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/**
 * The path that a request's target names, unpacked; null when it names none. A target may be anything: `//`, a whole
 * address, `*`, half a percent sign.
 * @param {string | undefined} target
 */
export function pathOf(target = '/') {
  try {
    return decodeURIComponent(new URL(target.startsWith('/') ? `http://localhost${target}` : target).pathname);
  } catch {
    return null;
  }
}

/**
 * The file that a path names inside the folder, or null when it leaves the folder or is not there.
 * @param {string} folder
 * @param {string} path
 */
function fileOf(folder, path) {
  const relative = normalize(path);
  if (relative.split(sep).includes('..') || relative.includes('\0')) return null;
  const file = join(folder, relative);
  if (!existsSync(file)) return null;
  if (!statSync(file).isDirectory()) return file;
  const index = join(file, 'index.html');
  return existsSync(index) ? index : null;
}

/**
 * Bytes [start, end] of a `Range: bytes=…` header, or null when there is none that applies.
 * @param {string | undefined} header
 * @param {number} size
 */
export function rangeOf(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(size - 1, Number(match[2]));
  return start <= end ? { start, end } : null;
}

/**
 * Answers one request with a file, honouring If-None-Match, Range and If-Range.
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {string} file
 */
export function sendFile(request, response, file) {
  const { size, mtimeMs } = statSync(file);
  const etag = `"${size.toString(16)}-${Math.floor(mtimeMs).toString(16)}"`;
  const type = TYPES[extname(file)] ?? 'application/octet-stream';
  const headers = { 'Content-Type': type, ETag: etag, 'Accept-Ranges': 'bytes', 'Cache-Control': 'no-cache' };
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const condition = request.headers['if-range'];
  const range = condition === undefined || condition === etag ? rangeOf(request.headers.range, size) : null;
  const { start, end } = range ?? { start: 0, end: size - 1 };
  response.writeHead(range ? 206 : 200, {
    ...headers,
    'Content-Length': end - start + 1,
    ...(range ? { 'Content-Range': `bytes ${start}-${end}/${size}` } : {}),
  });
  if (request.method === 'HEAD' || size === 0) response.end();
  else
    createReadStream(file, { start, end })
      .on('error', () => response.destroy())
      .pipe(response);
}

/**
 * Starts the server; port 0 picks a free one.
 * @param {{ folder: string, port: number, host?: string, before?: (request: import('node:http').IncomingMessage,
 * response: import('node:http').ServerResponse) => boolean }} options
 *   `before` may answer a request itself and return true.
 * @returns {Promise<{ port: number, close: () => Promise<void> }>} rejects with `EADDRINUSE` when the port is taken
 */
export function serveFolder({ folder, port, host = '127.0.0.1', before }) {
  /** @type {import('node:http').RequestListener} */
  const answer = (request, response) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    if (before?.(request, response)) return;
    const path = request.method === 'GET' || request.method === 'HEAD' ? pathOf(request.url) : null;
    const file = path === null ? null : fileOf(folder, path);
    if (file) sendFile(request, response, file);
    else response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found');
  };
  const server = createServer((request, response) => {
    try {
      answer(request, response);
    } catch (error) {
      // A request may end badly, such as with a file that goes away under it; never the server.
      console.error(`${request.method} ${request.url}: ${String(error)}`);
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { 'Content-Type': 'text/plain' }).end('Failed');
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      const close = () =>
        new Promise((/** @type {(value: void) => void} */ closed) => {
          server.close(() => closed());
          server.closeAllConnections();
        });
      resolve({ port: typeof address === 'object' && address ? address.port : port, close });
    });
  });
}
