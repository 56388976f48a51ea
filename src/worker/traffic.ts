/** Counts what the worker's own requests send to other origins and receive from anywhere; the header shows it. */

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

const bodyBytes = (body: BodyInit | null | undefined): number => {
  if (typeof body === 'string') return new TextEncoder().encode(body).length;
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body.byteLength;
  return body instanceof Blob ? body.size : 0;
};

/**
 * `fetch` with a count. The address and the body of a request count as sent when they go to another origin than
 * `ownOrigin`: what stays on the app's own host has not left for anybody else.
 */
export function countingFetch(inner: typeof fetch, ownOrigin: () => string, listener: TrafficListener): typeof fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const elsewhere = new URL(url, ownOrigin()).origin !== ownOrigin();
    if (elsewhere) listener(new TextEncoder().encode(url).length + bodyBytes(init?.body), 0);
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
    const copy = new Response(counted, { status: response.status, statusText: response.statusText, headers: response.headers });
    // A made response has no address of its own; callers use it to learn where they were redirected.
    Object.defineProperty(copy, 'url', { value: response.url });
    return copy;
  };
}
