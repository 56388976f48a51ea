/** What is kept is what the build made: half-written hosts, old caches and holes, as the service worker meets them. */
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { KeptFiles } from './kept-files';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const INDEX = '<script src="assets/a.js"></script>';
const FILES = { 'index.html': sha256(INDEX), 'assets/a.js': sha256('run()') };
const at = (path: string): string => `https://app.example/${path}`;

/** What the host has, by address; each answer is counted with the way in which it was asked for. */
let host: Map<string, string | number>;
let browserCache: Map<string, string>;
let asked: string[];
let cache: Map<string, Response>;

const files = (): KeptFiles =>
  new KeptFiles(FILES, {
    cache: () =>
      Promise.resolve({
        match: (address) => Promise.resolve(cache.get(address as string)?.clone()),
        put: (address, answer) => Promise.resolve(void cache.set(address as string, answer)),
      }),
    fetch: (request, options) => {
      const address = request instanceof Request ? request.url : String(request);
      asked.push(`${options?.cache ?? 'page'} ${address.slice(at('').length)}`);
      const held = options?.cache === 'reload' ? undefined : browserCache.get(address);
      const found = held ?? host.get(address) ?? 404;
      if (found === 0) return Promise.reject(new TypeError('no network'));
      return Promise.resolve(typeof found === 'number' ? new Response('', { status: found }) : new Response(found));
    },
    addressOf: at,
    headers: { 'Cross-Origin-Embedder-Policy': 'require-corp' },
  });

const page = (path: string, headers = {}): Request => new Request(at(path), { headers });
/** Node makes no request of mode `navigate`. */
const navigation = (): Request => Object.defineProperty(page('index.html'), 'mode', { value: 'navigate' });

async function textOf(request: Request, path: string): Promise<string> {
  const { response, after } = await files().answer(request, path);
  const text = await response.text();
  await after;
  return text;
}

beforeEach(() => {
  host = new Map<string, string | number>([
    [at('index.html'), INDEX],
    [at('assets/a.js'), 'run()'],
  ]);
  browserCache = new Map();
  asked = [];
  cache = new Map();
});

describe('an installation', () => {
  it('keeps each file once, with the headers that isolate the page', async () => {
    await files().keep(Object.keys(FILES));
    await files().keep(Object.keys(FILES));
    expect(asked).toEqual(['no-cache index.html', 'no-cache assets/a.js']);
    expect(cache.get(at('assets/a.js'))?.headers.get('Cross-Origin-Embedder-Policy')).toBe('require-corp');
  });

  it('passes by a stale copy that lies on the way', async () => {
    browserCache.set(at('index.html'), '<script src="assets/old.js"></script>');
    await files().keep(Object.keys(FILES));
    expect(asked).toEqual(['no-cache index.html', 'reload index.html', 'no-cache assets/a.js']);
    expect(await cache.get(at('index.html'))?.text()).toBe(INDEX);
  });

  it.each([
    [
      'a page of another version',
      'index.html',
      '<script src="assets/b.js"></script>',
      'index.html is not the file of this version',
    ],
    ['a file that broke off', 'assets/a.js', 'run(', 'assets/a.js is not the file of this version'],
    ['a file that is not there yet', 'assets/a.js', 404, 'assets/a.js: status 404'],
  ])('fails for %s, so that the version before stays', async (_what, path, found, message) => {
    host.set(at(path), found);
    await expect(files().keep(Object.keys(FILES))).rejects.toThrow(message);
    expect(cache.has(at(path))).toBe(false);
  });
});

describe('an answer', () => {
  it('fills a hole from the network when that has the same file', async () => {
    await files().keep(['index.html']);
    expect(await textOf(page('assets/a.js'), 'assets/a.js')).toBe('run()');
    expect(await cache.get(at('assets/a.js'))?.text()).toBe('run()');
  });

  it('hands on, and does not keep, what the network has of another version', async () => {
    host.set(at('assets/a.js'), 'other()');
    expect(await textOf(page('assets/a.js'), 'assets/a.js')).toBe('other()');
    expect(cache.size).toBe(0);
  });

  it('takes the page from the network when the kept one is not the build’s', async () => {
    cache.set(at('index.html'), new Response('<script src="assets/gone.js"></script>'));
    expect(await textOf(navigation(), 'index.html')).toBe(INDEX);
    expect(await cache.get(at('index.html'))?.text()).toBe(INDEX);
  });

  it('takes it all the same where there is no network', async () => {
    cache.set(at('index.html'), new Response('another'));
    host.set(at('index.html'), 0);
    expect(await textOf(navigation(), 'index.html')).toBe('another');
  });

  it('asks nobody for what is kept', async () => {
    await files().keep(Object.keys(FILES));
    asked = [];
    expect(await textOf(navigation(), 'index.html')).toBe(INDEX);
    expect(await textOf(page('assets/a.js', { Range: 'bytes=1-2' }), 'assets/a.js')).toBe('un');
    expect(asked).toEqual([]);
  });
});
