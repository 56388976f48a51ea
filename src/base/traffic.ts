/** Counts what page and worker send to other origins and receive from anywhere; the header shows it. */

/** Told after each request and each piece received. */
export type TrafficListener = (sentBytes: number, receivedBytes: number) => void;

const TOLD_EVERY_MS = 200;

/** Adds up counts and passes the sums on a few times a second, the last one always. */
export function gathered(tell: TrafficListener): TrafficListener {
  const sums = { sent: 0, received: 0 };
  let waiting = false;
  return (sent, received) => {
    sums.sent += sent;
    sums.received += received;
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      tell(sums.sent, sums.received);
      sums.sent = 0;
      sums.received = 0;
    }, TOLD_EVERY_MS);
  };
}

const utf8Bytes = (text: string): number => new TextEncoder().encode(text).length;

/** Bytes of a request's body, whatever it is made of; the request itself can still be sent. */
async function bodyBytes(input: RequestInfo | URL, init: RequestInit | undefined): Promise<number> {
  const body = init?.body;
  if (typeof body === 'string') return utf8Bytes(body);
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body.byteLength;
  if (body instanceof Blob) return body.size;
  if (body instanceof ReadableStream)
    throw new TypeError('A body that is a stream cannot be counted, so it is not sent.');
  if (body !== null && body !== undefined) return (await new Response(body).arrayBuffer()).byteLength;
  return input instanceof Request && input.body ? (await input.clone().arrayBuffer()).byteLength : 0;
}

/**
 * `fetch` with a count. The address and the body of a request count as sent when they go to another origin than
 * `ownOrigin`: what stays on the app's own host has not left for anybody else.
 */
export function countingFetch(inner: typeof fetch, ownOrigin: () => string, listener: TrafficListener): typeof fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const elsewhere = new URL(url, ownOrigin()).origin !== ownOrigin();
    if (elsewhere) listener(utf8Bytes(url) + (await bodyBytes(input, init)), 0);
    const response = await inner(input, init);
    if (!response.body) return response;
    const counted = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          listener(0, chunk.byteLength);
          controller.enqueue(chunk);
        },
      }),
    );
    const copy = new Response(counted, {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
    });
    // A made response has no address of its own; callers use it to learn where they were redirected.
    Object.defineProperty(copy, 'url', { value: response.url });
    return copy;
  };
}

/** What the platform says about a request that was made; part of `PerformanceResourceTiming`. */
interface RequestSeen {
  name: string;
  initiatorType: string;
}

/**
 * Counts the address of a request to another origin that did not go through `fetch`: an image, a beacon, a script, a
 * frame.
 */
export function countSeen(entries: readonly RequestSeen[], ownOrigin: string, listener: TrafficListener): void {
  for (const { name, initiatorType } of entries)
    if (initiatorType !== 'fetch' && URL.canParse(name) && new URL(name).origin !== ownOrigin)
      listener(utf8Bytes(name), 0);
}

/**
 * Watches the whole page or worker: every `fetch` from here on, whoever calls it, and what the platform says about all
 * other requests.
 */
export function watchTraffic(
  scope: { fetch: typeof fetch; location: { origin: string } },
  tell: TrafficListener,
): void {
  const listener = gathered(tell);
  const { fetch: inner, location } = scope;
  scope.fetch = countingFetch(
    (input, init) => inner.call(scope, input, init),
    () => location.origin,
    listener,
  );
  new PerformanceObserver((list) =>
    countSeen(list.getEntries() as unknown as RequestSeen[], location.origin, listener),
  ).observe({ type: 'resource', buffered: true });
}
