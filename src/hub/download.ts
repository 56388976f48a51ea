/** Downloads one file into the cache: counted, cancellable, and going on where a broken download stopped. */
import { TabtuneError, throwIfCancelled } from '../base/errors';
import { sha256Hex } from '../base/bytes';
import type { ByteStore } from '../base/bytes';
import { refusal, unreachable } from './hub-api';
import type { CacheNote, ModelCache } from './model-cache';

/** What to fetch, and where it goes. */
export interface Download {
  url: string;
  /** Key of the model's folder in the cache. */
  key: string;
  path: string;
  /** Bytes as announced, or null. */
  size: number | null;
  /** Hex SHA-256 as announced, or null. */
  sha256: string | null;
}

export interface DownloadOptions {
  fetch: typeof fetch;
  cache: ModelCache;
  note: CacheNote;
  signal: AbortSignal | undefined;
  /** Told how many bytes of the file are here now. */
  onBytes: (bytes: number) => void;
}

const RESUME_FIX = 'Download again: it goes on where it stopped.';

/**
 * Fetches the file unless it is here already; afterwards the note calls it complete. Throws `network`, `not-found`,
 * `bad-model`, `storage` or `cancelled`.
 */
export async function download(job: Download, options: DownloadOptions): Promise<void> {
  const { cache, note, onBytes } = options;
  const known = note.files.get(job.path);
  if (known?.complete && known.size !== null && (job.size === null || known.size === job.size)) {
    onBytes(known.size);
    return;
  }
  if (!known) await cache.remove(job.key, job.path);
  const size = await transfer(job, options);
  if (job.sha256 !== null) {
    const found = await sha256Hex((await cache.read(job.key, job.path)) as Uint8Array<ArrayBuffer>);
    if (found !== job.sha256) {
      await forget(job, options);
      throw new TabtuneError('bad-model', `${job.path} arrived damaged: its SHA-256 is not the one announced.`, {
        place: { file: job.path },
        fix: 'Download again.',
      });
    }
  }
  note.files.set(job.path, { size, etag: note.files.get(job.path)?.etag ?? null, complete: true });
  await cache.writeNote(job.key, note);
}

async function forget(job: Download, { cache, note }: DownloadOptions): Promise<void> {
  note.files.delete(job.path);
  await cache.remove(job.key, job.path);
  await cache.writeNote(job.key, note);
}

/** The part that is here is only gone on with when the server can say whether it is still the same file. */
function resumable(etag: string | null | undefined, job: Download): boolean {
  return (typeof etag === 'string' && !etag.startsWith('W/')) || job.sha256 !== null;
}

/** Bytes [here, end) into the store; returns the size of the whole file. */
async function transfer(job: Download, options: DownloadOptions): Promise<number> {
  const { cache, note, signal, onBytes } = options;
  let store = await cache.open(job.key, job.path);
  try {
    const etag = note.files.get(job.path)?.etag;
    const wanted = store.size > 0 && resumable(etag, job) ? store.size : 0;
    const response = await request(job, wanted, etag ?? null, options);
    const goesOn = response.status === 206 && wanted > 0;
    if (!goesOn) {
      store.close();
      await cache.remove(job.key, job.path);
      store = await cache.open(job.key, job.path);
    }
    const total = job.size ?? totalOf(response, goesOn ? wanted : 0);
    note.files.set(job.path, {
      size: total,
      etag: response.headers.get('ETag') ?? (goesOn ? (etag ?? null) : null),
      complete: false,
    });
    await cache.writeNote(job.key, note);
    onBytes(store.size);
    await receive(response, store, job, options);
    checkSize(store.size, total, job);
    return store.size;
  } catch (error) {
    if (error instanceof TabtuneError && error.code === 'bad-model') {
      store.close();
      await forget(job, options);
    }
    throw signal?.aborted && !(error instanceof TabtuneError) ? new TabtuneError('cancelled', 'Cancelled.') : error;
  } finally {
    store.close();
  }
}

/** Asks for the file from byte `from`; asks again for the whole when the server cannot serve the rest. */
async function request(job: Download, from: number, etag: string | null, options: DownloadOptions): Promise<Response> {
  const { fetch: fetcher, signal } = options;
  throwIfCancelled(signal);
  const strong = etag !== null && !etag.startsWith('W/');
  const headers: Record<string, string> =
    from > 0 ? { Range: `bytes=${from}-`, ...(strong ? { 'If-Range': etag } : {}) } : {};
  let response: Response;
  try {
    response = await fetcher(job.url, { headers, signal: signal ?? null, credentials: 'omit' });
  } catch (cause) {
    // A server of another origin may forbid these headers; then the whole file is asked for, unless the network is
    // down.
    if (from > 0 && !signal?.aborted) return request(job, 0, null, options);
    throw unreachable(cause, job.url, signal);
  }
  if (from > 0 && (response.status === 416 || (response.status === 206 && !continues(response, from, job)))) {
    await response.body?.cancel();
    return request(job, 0, null, options);
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw refusal(response.status, `file “${job.path}”`, job.url);
  }
  return response;
}

/** Whether a 206 really goes on at `from` in a file of the announced size. */
function continues(response: Response, from: number, job: Download): boolean {
  const encoding = response.headers.get('Content-Encoding');
  if (encoding !== null && encoding !== 'identity') return false;
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('Content-Range') ?? '');
  // The header may be hidden from other origins; then the checksum at the end has to tell.
  if (!range) return job.sha256 !== null;
  return Number(range[1]) === from && (job.size === null || range[2] === '*' || Number(range[2]) === job.size);
}

/** Size of the whole file from the headers, or null when they do not tell. */
function totalOf(response: Response, from: number): number | null {
  if (response.headers.get('Content-Encoding') !== null) return null;
  const length = response.headers.get('Content-Length');
  return length === null ? null : from + Number(length);
}

async function receive(
  response: Response,
  store: ByteStore,
  job: Download,
  { signal, onBytes }: DownloadOptions,
): Promise<void> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      throwIfCancelled(signal);
      const { done, value } = await reader.read();
      if (done) break;
      store.append(value);
      onBytes(store.size);
      if (job.size !== null && store.size > job.size) checkSize(store.size, job.size, job);
    }
  } catch (cause) {
    await reader.cancel().catch(() => undefined);
    if (cause instanceof TabtuneError) throw cause;
    if (signal?.aborted) throw new TabtuneError('cancelled', 'Cancelled.');
    throw new TabtuneError('network', `The download of ${job.path} broke off after ${store.size} bytes.`, {
      place: { file: job.path, offset: store.size },
      fix: RESUME_FIX,
      cause,
    });
  } finally {
    store.flush();
  }
}

function checkSize(found: number, total: number | null, job: Download): void {
  if (total === null || found === total) return;
  const place = { file: job.path, offset: found };
  if (found < total)
    throw new TabtuneError('network', `The download of ${job.path} ended after ${found} of ${total} bytes.`, {
      place,
      fix: RESUME_FIX,
    });
  throw new TabtuneError('bad-model', `${job.path} is longer than the ${total} bytes announced.`, {
    place,
    fix: 'Download again.',
  });
}
