/**
 * Keeps the app, its samples and its embedded models for use without a network, and gives every file the headers that
 * isolate the page, which many static hosts cannot send. A new version is fetched beside the old one and takes over
 * only when a page asks for it and no other page of the app is open: nothing changes under a run.
 */
/// <reference lib="webworker" />
import { KeptFiles } from './kept-files';
import type { FileList } from './kept-files';

declare const self: ServiceWorkerGlobalScope;

/** Written by the build (scripts/service-worker.mjs). */
declare const TABTUNE_FILES: {
  /** Changes when any file does. */
  version: string;
  /** What the app needs to start and run. */
  app: FileList;
  /** Large files that are fetched after it has started. */
  models: FileList;
  headers: Record<string, string>;
};

const PREFIX = 'tabtune-app-';
const CACHE = PREFIX + TABTUNE_FILES.version;
const scope = (): string => self.registration.scope;
const addressOf = (path: string): string => new URL(path, scope()).href;

const files = new KeptFiles(
  { ...TABTUNE_FILES.app, ...TABTUNE_FILES.models },
  {
    cache: () => caches.open(CACHE),
    fetch: (...request) => fetch(...request),
    addressOf,
    headers: TABTUNE_FILES.headers,
  },
);
const keep = (list: FileList): Promise<void> => files.keep(Object.keys(list));

async function forgetOthers(): Promise<void> {
  for (const name of await caches.keys()) if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
}

/** The path of a kept file that a request is for, or null. The app's folder itself is its page. */
function pathOf(address: string): string | null {
  const url = new URL(address);
  const plain = url.origin + url.pathname;
  if (!plain.startsWith(scope())) return null;
  const path = plain.slice(scope().length) || 'index.html';
  return files.has(path) ? path : null;
}

/**
 * From the first visit on, but in Firefox: there the fetches of a page that is claimed while it starts never return
 * (seen in 153), and the worker answers from the second visit on.
 */
async function takePages(): Promise<void> {
  if (!/Firefox\//.test(self.navigator.userAgent)) await self.clients.claim();
}

self.addEventListener('install', (event) => event.waitUntil(keep(TABTUNE_FILES.app)));

self.addEventListener('activate', (event) => event.waitUntil(forgetOthers().then(takePages)));

self.addEventListener('fetch', (event) => {
  const path = event.request.method === 'GET' ? pathOf(event.request.url) : null;
  if (path === null) return;
  const answer = files.answer(event.request, path);
  event.respondWith(answer.then(({ response }) => response));
  event.waitUntil(
    answer.then(
      ({ after }) => after,
      () => undefined,
    ),
  );
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
