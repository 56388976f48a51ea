/** A proxy that keeps every byte the browser sends, so that a test can look for a person's data on the wire. */
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Wire {
  /** For the browser context's `proxy` option. */
  readonly proxy: { server: string; bypass: string };
  /** Everything sent so far: request lines, headers and bodies, as text and URL-decoded. */
  sent(): string;
  /** Hosts other than this machine that were asked for. */
  readonly foreignHosts: string[];
  close(): Promise<void>;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/**
 * Chromium asks its autofill service about forms by itself; the request is refused here, and a page cannot switch it
 * off.
 */
const BROWSERS_OWN = /^content-autofill\.googleapis\.com:443$/;

/** Starts the proxy. Loopback addresses are passed on; all others are refused and noted. */
export async function openWire(): Promise<Wire> {
  const pieces: string[] = [];
  const foreignHosts: string[] = [];
  const server = createServer((request, response) => {
    const address = request.url ?? '';
    const body: Buffer[] = [];
    pieces.push(address, decoded(address), JSON.stringify(request.headers));
    request.on('data', (piece: Buffer) => body.push(piece));
    request.on('end', () => {
      const bytes = Buffer.concat(body);
      const text = bytes.toString('utf8');
      pieces.push(text, decoded(text), bytes.toString('utf16le'));
      const { hostname } = new URL(address);
      if (hostname !== '127.0.0.1' && hostname !== 'localhost') {
        foreignHosts.push(hostname);
        response.writeHead(502).end();
        return;
      }
      const onward = forward(address, { method: request.method, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      onward.end(bytes);
    });
  });
  server.on('connect', (request, socket) => {
    const host = request.url ?? '?';
    if (!BROWSERS_OWN.test(host)) foreignHosts.push(host);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    // `<-loopback>` makes Chromium send requests to this machine through the proxy as well.
    proxy: { server: `http://127.0.0.1:${port}`, bypass: '<-loopback>' },
    sent: () => pieces.join('\n'),
    foreignHosts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
