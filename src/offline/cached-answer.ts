/** Answers made of what is cached: with the headers that isolate the page, and in the range that was asked for. */

/**
 * The answer with the given headers set; what belongs to its packed form is left out, because the cache holds it
 * unpacked.
 */
export function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  const all = new Headers(response.headers);
  if (all.has('Content-Encoding')) for (const name of ['Content-Encoding', 'Content-Length']) all.delete(name);
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers: all });
}

/**
 * The part of a whole answer that a request asks for (RFC 9110, 14): `bytes=from-` and `bytes=from-to`, under the
 * condition of `If-Range`. Requests of any other kind, and conditions that do not hold, get the whole.
 */
export async function inRange(whole: Response, request: { headers: Headers }): Promise<Response> {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get('Range') ?? '');
  const condition = request.headers.get('If-Range');
  if (!range || (condition !== null && condition !== whole.headers.get('ETag'))) return whole;
  const blob = await whole.blob();
  const headers = new Headers(whole.headers);
  const from = Number(range[1]);
  const to = Math.min(blob.size, range[2] === '' ? blob.size : Number(range[2]) + 1);
  if (from >= to) {
    headers.set('Content-Range', `bytes */${blob.size}`);
    return new Response(null, { status: 416, headers });
  }
  headers.set('Content-Range', `bytes ${from}-${to - 1}/${blob.size}`);
  headers.set('Content-Length', String(to - from));
  return new Response(blob.slice(from, to), { status: 206, headers });
}
