/**
 * Keeps the app, its samples and its embedded models for use without a network, and gives every file the headers that
 * isolate the page, which many static hosts cannot send. A new version is fetched beside the old one and takes over
 * only when a page asks for it and no other page of the app is open: nothing changes under a run.
 */
/// <reference lib="webworker" />
import { inRange, withHeaders } from './cached-answer';

declare const self: ServiceWorkerGlobalScope;

/** Written by the build (scripts/service-worker.mjs): paths relative to the app's folder. */
declare const TABTUNE_FILES: {
  /** Changes when any file does. */
  version: string;
  /** What the app needs to start and run. */
  app: string[];
  /** Large files that are fetched after it has started. */
  models: string[];
  headers: Record<string, string>;
};

const PREFIX = 'tabtune-app-';
const CACHE = PREFIX + TABTUNE_FILES.version;
const scope = (): string => self.registration.scope;
const addressOf = (path: string): string => new URL(path, scope()).href;

/**
 * Fetches what is missing of these files, one after the other. The browser's own cache is asked to look again, for a
 * path may have a new content.
 */
async function keep(paths: readonly string[]): Promise<void> {
  const cache = await caches.open(CACHE);
  for (const path of paths) {
    const address = addressOf(path);
    if (await cache.match(address)) continue;
    const response = await fetch(address, { cache: 'no-cache', credentials: 'omit' });
    if (!response.ok) throw new Error(`${path}: status ${response.status}`);
    await cache.put(address, withHeaders(response, TABTUNE_FILES.headers));
  }
}

async function forgetOthers(): Promise<void> {
  for (const name of await caches.keys()) if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
}

const kept = new Set([...TABTUNE_FILES.app, ...TABTUNE_FILES.models]);

/** The path of a kept file that a request is for, or null. The app's folder itself is its page. */
function pathOf(address: string): string | null {
  const url = new URL(address);
  const plain = url.origin + url.pathname;
  if (!plain.startsWith(scope())) return null;
  const path = plain.slice(scope().length) || 'index.html';
  return kept.has(path) ? path : null;
}

async function answer(request: Request, path: string): Promise<Response> {
  const cached = await (await caches.open(CACHE)).match(addressOf(path));
  if (cached) return inRange(cached, request);
  const response = await fetch(request);
  // An opaque or failed answer cannot be given headers.
  return response.ok ? withHeaders(response, TABTUNE_FILES.headers) : response;
}

self.addEventListener('install', (event) => event.waitUntil(keep(TABTUNE_FILES.app)));

self.addEventListener('activate', (event) => event.waitUntil(forgetOthers().then(() => self.clients.claim())));

self.addEventListener('fetch', (event) => {
  const path = event.request.method === 'GET' ? pathOf(event.request.url) : null;
  if (path !== null) event.respondWith(answer(event.request, path));
});

/** What a page asks for; the answer goes through the port that came with the question. */
self.addEventListener('message', (event) => {
  const [port] = event.ports;
  const reply = (message: unknown): void => port?.postMessage(message);
  if (event.data === 'keep models')
    event.waitUntil(
      keep(TABTUNE_FILES.models).then(
        () => reply('kept'),
        () => reply('failed'),
      ),
    );
  if (event.data === 'take over') event.waitUntil(takeOver().then(reply));
});

async function takeOver(): Promise<'taken' | 'other pages'> {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (pages.length > 1) return 'other pages';
  await self.skipWaiting();
  return 'taken';
}
