/** The ways to a base model, against a local server that can cut connections, forget ranges and change files. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { memoryStore } from '../base/bytes';
import type { ByteStore } from '../base/bytes';
import { TabtuneError } from '../base/errors';
import { fromFloat32 } from '../formats/dtype';
import { memoryFile } from '../formats/folder';
import type { FolderFile } from '../formats/folder';
import { writeGguf } from '../formats/gguf/write';
import type { GgufEntry } from '../formats/gguf/write';
import { readHfFolder } from '../formats/hf-folder';
import { writeSafetensors } from '../formats/safetensors';
import { writeZip } from '../formats/zip';
import { ModelCache } from './model-cache';
import type { CacheFiles } from './model-cache';
import { describeModel, fetchModel, openDropped, storeDropped } from './models';
import type { HubContext } from './models';

const CONFIG = {
  model_type: 'bert',
  hidden_size: 8,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 16,
  vocab_size: 5,
  max_position_embeddings: 16,
};
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const WEIGHTS = writeSafetensors([
  fromFloat32(
    'embeddings.word_embeddings.weight',
    [500, 100],
    Float32Array.from({ length: 50_000 }, (_, i) => i),
  ),
]);

function repository(): Map<string, Uint8Array> {
  return new Map([
    ['config.json', text(JSON.stringify(CONFIG))],
    ['README.md', text('---\nlicense: mit\n---\n')],
    ['model.safetensors', WEIGHTS],
    ['pytorch_model.bin', new Uint8Array(1000)],
    ['onnx/model.onnx', new Uint8Array(1000)],
    ['vocab.txt', text('[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n')],
  ]);
}

/** What the server does, changed by each test. */
interface Behaviour {
  files: Map<string, Uint8Array>;
  cutAfter: number | null;
  announceHashes: boolean;
  gated: boolean | 'auto';
  etag: (bytes: Uint8Array) => string | null;
  ignoreRange: boolean;
  answer416: boolean;
  status: number | null;
}

let behaviour: Behaviour;
let seen: { url: string; range: string | undefined; ifRange: string | undefined }[] = [];
let server: Server;
let hubUrl = '';

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const COMMIT = 'a'.repeat(40);

function answerLookUp(response: ServerResponse): void {
  const siblings = [...behaviour.files].map(([rfilename, bytes]) => ({
    rfilename,
    size: bytes.length,
    ...(behaviour.announceHashes ? { lfs: { sha256: hash(bytes) } } : {}),
  }));
  const body = {
    id: 'owner/model',
    sha: COMMIT,
    gated: behaviour.gated,
    siblings,
    cardData: { license: 'mit' },
    config: { model_type: 'bert' },
    safetensors: { total: 50_000 },
  };
  response.setHeader('Content-Type', 'application/json').end(JSON.stringify(body));
}

function answerFile(bytes: Uint8Array, request: IncomingMessage, response: ServerResponse): void {
  const etag = behaviour.etag(bytes);
  if (etag !== null) response.setHeader('ETag', etag);
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const condition = request.headers['if-range'];
  if (start > 0 && behaviour.answer416) {
    response.writeHead(416).end();
    return;
  }
  const partial = start > 0 && !behaviour.ignoreRange && (condition === undefined || condition === etag);
  const body = partial ? bytes.subarray(start) : bytes;
  response.setHeader('Content-Length', body.length);
  if (partial) response.writeHead(206, { 'Content-Range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` });
  if (behaviour.cutAfter === null || body.length < behaviour.cutAfter) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, behaviour.cutAfter), () => setTimeout(() => response.destroy(), 30));
  behaviour.cutAfter = null;
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '');
    seen.push({ url, range: request.headers.range, ifRange: request.headers['if-range']?.toString() });
    const file = /^\/owner\/model\/resolve\/[^/]+\/(.+)$/.exec(url)?.[1];
    const bytes = file === undefined ? undefined : behaviour.files.get(file);
    if (behaviour.status !== null) response.writeHead(behaviour.status).end();
    else if (url.startsWith('/api/models/owner/model/revision/')) answerLookUp(response);
    else if (bytes) answerFile(bytes, request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  hubUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

beforeEach(() => {
  seen = [];
  behaviour = {
    files: repository(),
    cutAfter: null,
    announceHashes: false,
    gated: false,
    etag: (bytes) => `"${hash(bytes)}"`,
    ignoreRange: false,
    answer416: false,
    status: null,
  };
});

/** A store that fails when full, as the browser's does. */
function cacheFiles(room = Infinity): CacheFiles {
  const files = new Map<string, ByteStore>();
  const store = (path: string): ByteStore => {
    const held = files.get(path) ?? memoryStore();
    files.set(path, held);
    return held;
  };
  return {
    open: (path) => Promise.resolve(store(path)),
    exists: (path) => Promise.resolve(files.has(path)),
    write: async (path, bytes) => {
      if (bytes.length > room) throw new TabtuneError('storage', 'The browser’s storage is full.');
      files.delete(path);
      store(path).append(bytes);
    },
    read: async (path) => {
      const held = files.get(path);
      if (!held) throw new TabtuneError('missing-file', path);
      return held.read(0, held.size);
    },
    remove: async (path) => void files.delete(path),
    list: async () => [...files].map(([path, held]) => ({ path, bytes: held.size })),
  };
}

const contextWith = (files: CacheFiles, more: Partial<HubContext> = {}): HubContext => ({
  baseUrl: 'http://localhost/',
  hubUrl,
  fetch,
  cache: new ModelCache(files),
  ...more,
});
const SOURCE = { kind: 'hub', id: 'owner/model', revision: 'main' } as const;
const failure = async (work: Promise<unknown>): Promise<TabtuneError> => {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof TabtuneError)) throw new Error(`no TabtuneError but ${String(error)}`);
  return error;
};
const weightsHash = async (files: readonly FolderFile[]): Promise<string> =>
  hash((await files.find(({ path }) => path === 'model.safetensors')?.bytes()) ?? new Uint8Array());
const address = (input: string | URL | Request): string => (input instanceof Request ? input.url : input.toString());
const weightsRequests = () => seen.filter(({ url }) => url.endsWith('model.safetensors'));

describe('a model of the Hub', () => {
  it('is described before any weight is fetched', async () => {
    const context = contextWith(cacheFiles());
    const description = await describeModel(context, SOURCE);
    expect(description).toMatchObject({
      source: { revision: COMMIT },
      architecture: 'bert',
      unsupported: null,
      licence: 'mit',
      parameters: 50_000,
    });
    expect(description.files.map(({ path }) => path).sort()).toEqual([
      'README.md',
      'config.json',
      'model.safetensors',
      'vocab.txt',
    ]);
    expect(description.bytes).toBe(description.files.reduce((sum, file) => sum + file.bytes, 0));
    expect(weightsRequests()).toHaveLength(0);
  });

  it('is fetched, pinned to its commit, and then read without any request', async () => {
    const files = cacheFiles();
    const progress: [number, number][] = [];
    const { source, files: fetched } = await fetchModel(contextWith(files), SOURCE, {
      onProgress: (done, total) => progress.push([done, total]),
    });
    const checkpoint = await readHfFolder(fetched);
    expect(checkpoint.tensors.get('embeddings.word_embeddings.weight')?.shape).toEqual([500, 100]);
    expect(checkpoint.licence).toBe('mit');
    expect(source).toEqual({ kind: 'hub', id: 'owner/model', revision: COMMIT });
    expect(progress.at(-1)?.[0]).toBe(progress.at(-1)?.[1]);
    expect(seen.filter(({ url }) => url.includes('/resolve/')).every(({ url }) => url.includes(COMMIT))).toBe(true);
    seen = [];
    const again = await fetchModel(
      contextWith(files, { fetch: () => Promise.reject(new TypeError('offline')) }),
      source,
    );
    expect((await readHfFolder(again.files)).tensors.size).toBe(1);
    expect(seen).toHaveLength(0);
  });

  it('goes on where a broken download stopped', async () => {
    const files = cacheFiles();
    behaviour.cutAfter = 150_000;
    expect(await failure(fetchModel(contextWith(files), SOURCE))).toMatchObject({
      code: 'network',
      place: { file: 'model.safetensors' },
    });
    const description = await describeModel(contextWith(files), SOURCE);
    expect(description.cachedBytes).toBeGreaterThan(100_000);
    const { files: fetched } = await fetchModel(contextWith(files), SOURCE);
    const [, second] = weightsRequests();
    expect(second?.range).toMatch(/^bytes=1\d{5}-$/);
    expect(second?.ifRange).toBe(`"${hash(WEIGHTS)}"`);
    expect(await weightsHash(fetched)).toBe(hash(WEIGHTS));
  });

  it.each<[string, (b: Behaviour) => void, number]>([
    ['ignores ranges', (b) => (b.ignoreRange = true), 2],
    ['answers 416', (b) => (b.answer416 = true), 3],
    ['has no strong name for its content', (b) => (b.etag = () => 'W/"weak"'), 2],
    ['names no content at all', (b) => (b.etag = () => null), 2],
  ])('starts anew when the server %s', async (_name, change, requests) => {
    const files = cacheFiles();
    change(behaviour);
    behaviour.cutAfter = 150_000;
    await failure(fetchModel(contextWith(files), SOURCE));
    const { files: fetched } = await fetchModel(contextWith(files), SOURCE);
    expect(await weightsHash(fetched)).toBe(hash(WEIGHTS));
    expect(weightsRequests()).toHaveLength(requests);
  });

  it('starts anew when the file has changed meanwhile', async () => {
    const files = cacheFiles();
    behaviour.cutAfter = 150_000;
    await failure(fetchModel(contextWith(files), SOURCE));
    const changed = WEIGHTS.slice();
    changed[changed.length - 1] = 7;
    behaviour.files.set('model.safetensors', changed);
    const { files: fetched } = await fetchModel(contextWith(files), SOURCE);
    expect(await weightsHash(fetched)).toBe(hash(changed));
  });

  it('refuses a file whose SHA-256 is not the one announced, and fetches it anew', async () => {
    const files = cacheFiles();
    behaviour.announceHashes = true;
    const honest = behaviour.etag;
    const damaged = WEIGHTS.slice();
    damaged[damaged.length - 1] = 7;
    const lying = contextWith(files, {
      fetch: (input, init) =>
        address(input).endsWith('model.safetensors') ? Promise.resolve(new Response(damaged)) : fetch(input, init),
    });
    expect(await failure(fetchModel(lying, SOURCE))).toMatchObject({
      code: 'bad-model',
      place: { file: 'model.safetensors' },
    });
    behaviour.etag = honest;
    await fetchModel(contextWith(files), SOURCE);
  });

  it('notices a body that ends early although nothing broke', async () => {
    const short = contextWith(cacheFiles(), {
      fetch: (input, init) =>
        address(input).endsWith('model.safetensors')
          ? Promise.resolve(new Response(WEIGHTS.slice(0, 99)))
          : fetch(input, init),
    });
    expect(await failure(fetchModel(short, SOURCE))).toMatchObject({ code: 'network', place: { offset: 99 } });
  });

  it('fetches again what the browser threw away', async () => {
    const files = cacheFiles();
    const { source } = await fetchModel(contextWith(files), SOURCE);
    const [lost] = (await files.list()).filter(({ path }) => path.endsWith('model.safetensors'));
    await files.remove(lost?.path ?? '');
    seen = [];
    const { files: fetched } = await fetchModel(contextWith(files), source);
    expect(await weightsHash(fetched)).toBe(hash(WEIGHTS));
    expect(seen.filter(({ url }) => url.includes('/resolve/')).map(({ url }) => url.split('/').at(-1))).toEqual([
      'model.safetensors',
    ]);
  });

  it('keeps what is here when it is cancelled', async () => {
    const files = cacheFiles();
    const stop = new AbortController();
    const error = await failure(
      fetchModel(contextWith(files), SOURCE, {
        signal: stop.signal,
        onProgress: (done) => done > 50_000 && stop.abort(),
      }),
    );
    expect(error.code).toBe('cancelled');
    expect((await files.list()).find(({ path }) => path.endsWith('model.safetensors'))?.bytes).toBeGreaterThan(0);
    await fetchModel(contextWith(files), SOURCE);
  });

  it.each<[string, (b: Behaviour) => void, string]>([
    ['is not there', (b) => (b.status = 404), 'not-found'],
    ['is private', (b) => (b.status = 401), 'not-found'],
    ['is restricted', (b) => (b.status = 403), 'unsupported'],
    ['asks too often', (b) => (b.status = 429), 'network'],
    ['fails', (b) => (b.status = 500), 'network'],
    ['is gated', (b) => (b.gated = 'auto'), 'unsupported'],
    ['has pickles only', (b) => b.files.delete('model.safetensors'), 'bad-model'],
    ['has no config', (b) => b.files.delete('config.json'), 'missing-file'],
    ['has no tokenizer', (b) => b.files.delete('vocab.txt'), 'missing-file'],
    ['is a decoder', (b) => b.files.set('config.json', text('{"model_type": "mamba"}')), 'unsupported'],
  ])('says so when it %s', async (_name, change, code) => {
    change(behaviour);
    const error = await failure(fetchModel(contextWith(cacheFiles()), SOURCE));
    expect(error.code).toBe(code);
    expect(error.fix).toBeTruthy();
    expect(weightsRequests()).toEqual([]);
  });

  it('says so when the Hub cannot be reached, or is something else', async () => {
    const offline = contextWith(cacheFiles(), { fetch: () => Promise.reject(new TypeError('fetch failed')) });
    expect(await failure(describeModel(offline, SOURCE))).toMatchObject({
      code: 'network',
      message: expect.stringContaining('cannot be reached') as string,
    });
    const stranger = contextWith(cacheFiles(), { fetch: () => Promise.resolve(new Response('{"hello": 1}')) });
    expect((await failure(describeModel(stranger, SOURCE))).code).toBe('network');
  });

  it('names what is supported when its architecture is not', async () => {
    behaviour.files.set('config.json', text(JSON.stringify({ model_type: 'mamba' })));
    const { unsupported, architecture } = await describeModel(contextWith(cacheFiles()), SOURCE);
    expect(architecture).toBe('mamba');
    expect(unsupported).toMatch(/BERT.*DistilBERT.*RoBERTa/);
  });

  it('is fetched in shards', async () => {
    behaviour.files.delete('model.safetensors');
    const part = (name: string): Uint8Array => writeSafetensors([fromFloat32(name, [1], Float32Array.of(1))]);
    const map = { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' };
    behaviour.files.set('model.safetensors.index.json', text(JSON.stringify({ weight_map: map })));
    behaviour.files.set(map.a, part('a')).set(map.b, part('b'));
    const { files } = await fetchModel(contextWith(cacheFiles()), SOURCE);
    expect([...(await readHfFolder(files)).tensors.keys()]).toEqual(['a', 'b']);
  });
});

describe('a dropped model', () => {
  const dropped = () => [...repository()].map(([path, bytes]) => memoryFile(`my-bert/${path}`, bytes));

  it('is found again after a reload', async () => {
    const files = cacheFiles();
    const { source, ...description } = await storeDropped(contextWith(files), 'my-bert', dropped());
    expect(description).toMatchObject({
      name: 'my-bert',
      architecture: 'bert',
      unsupported: null,
      licence: 'mit',
      parameters: 50_000,
    });
    const again = await fetchModel(contextWith(files), source);
    expect(again.licence).toBe('mit');
    expect((await readHfFolder(again.files)).tensors.size).toBe(1);
    expect(await describeModel(contextWith(files), source)).toMatchObject({
      architecture: 'bert',
      bytes: description.bytes,
    });
  });

  it('names weights that lie beside those that are read', async () => {
    const more = ['model.Q4_0.gguf'].map((path) => memoryFile(`my-bert/${path}`, Uint8Array.of(1)));
    const { notRead, files } = await storeDropped(contextWith(cacheFiles()), 'my-bert', [...dropped(), ...more]);
    expect(notRead).toEqual(expect.arrayContaining(['model.Q4_0.gguf', 'pytorch_model.bin']));
    expect(files.map(({ path }) => path)).not.toContain('pytorch_model.bin');
  });

  it('has one key for the same content', async () => {
    const context = contextWith(cacheFiles());
    const first = await storeDropped(context, 'one', dropped());
    const second = await storeDropped(context, 'two', dropped().reverse());
    expect(first.source).toMatchObject({ cacheKey: (second.source as { cacheKey: string }).cacheKey });
    const other = dropped().map((file) =>
      file.path.endsWith('vocab.txt') ? memoryFile(file.path, text('other')) : file,
    );
    expect((await storeDropped(context, 'three', other)).source).not.toMatchObject({
      cacheKey: (second.source as { cacheKey: string }).cacheKey,
    });
  });

  it('lives for this visit when the storage is full', async () => {
    const files = cacheFiles(10_000);
    const context = contextWith(files);
    const { source } = await storeDropped(context, 'my-bert', dropped());
    expect((await readHfFolder((await fetchModel(context, source)).files)).tensors.size).toBe(1);
    expect(await files.list()).toEqual([]);
    expect(await failure(fetchModel(contextWith(files), source))).toMatchObject({ code: 'missing-file' });
  });

  it('may be a zip', async () => {
    const zip = await writeZip([...repository()].map(([path, bytes]) => ({ path: `my-bert/${path}`, bytes })));
    const { name, files } = await openDropped([{ path: 'archive.zip', file: zip }]);
    expect(name).toBe('archive');
    expect((await storeDropped(contextWith(cacheFiles()), name, files)).parameters).toBe(50_000);
  });

  it('may be a GGUF file', async () => {
    const entries = { 'general.architecture': 'gpt2', 'tokenizer.ggml.model': 'gpt2' };
    const sizes = {
      embedding_length: 4,
      block_count: 1,
      feed_forward_length: 8,
      context_length: 8,
      'attention.head_count': 2,
    };
    const metadata = new Map<string, GgufEntry>([
      ...Object.entries(entries).map(([key, value]) => [key, { type: 'string', value }] as const),
      ...Object.entries(sizes).map(([key, value]) => [`gpt2.${key}`, { type: 'u32', value }] as const),
    ]);
    const bytes = writeGguf(metadata, [
      { name: 'token_embd.weight', type: 'F32', shape: [3, 4], pack: () => new Uint8Array(48) },
    ]);
    const { name, files } = await openDropped([{ path: '/tiny.Q8_0.gguf', file: new File([bytes], 'tiny.Q8_0.gguf') }]);
    const context = contextWith(cacheFiles());
    const stored = await storeDropped(context, name, files);
    expect(stored).toMatchObject({
      name: 'tiny.Q8_0',
      architecture: 'gpt2',
      bytes: bytes.length,
      files: [{ path: 'tiny.Q8_0.gguf', bytes: bytes.length }],
    });
    expect(await describeModel(context, stored.source)).toMatchObject({ name: 'tiny.Q8_0', architecture: 'gpt2' });
    const damaged = memoryFile('tiny.gguf', bytes.slice(0, bytes.length - 32));
    expect(await failure(storeDropped(context, 'tiny', [damaged]))).toMatchObject({
      code: 'bad-model',
      place: { file: 'tiny.gguf' },
    });
  });

  it('is not copied when its architecture is not supported', async () => {
    const files = cacheFiles();
    const list = dropped().map((file) =>
      file.path.endsWith('/config.json') ? memoryFile(file.path, text('{"model_type": "mamba"}')) : file,
    );
    const { unsupported, architecture } = await storeDropped(contextWith(files), 'my-gpt', list);
    expect(architecture).toBe('mamba');
    expect(unsupported).toContain('RoBERTa');
    expect(await files.list()).toEqual([]);
  });

  it.each<[string, (files: Map<string, Uint8Array>) => void, string]>([
    ['pickles only', (files) => files.delete('model.safetensors'), 'bad-model'],
    ['no config', (files) => files.delete('config.json'), 'missing-file'],
    ['no tokenizer', (files) => files.delete('vocab.txt'), 'missing-file'],
    ['damaged weights', (files) => files.set('model.safetensors', WEIGHTS.slice(0, 1000)), 'bad-model'],
    ['a damaged config', (files) => files.set('config.json', text('{')), 'bad-model'],
  ])('is refused with %s, and leaves nothing behind', async (_name, change, code) => {
    const content = repository();
    change(content);
    const files = cacheFiles();
    const list = [...content].map(([path, bytes]) => memoryFile(path, bytes));
    expect((await failure(storeDropped(contextWith(files), 'my-bert', list))).code).toBe(code);
    expect(await files.list()).toEqual([]);
  });
});

it('an embedded model comes from the app’s own folder and is kept', async () => {
  const files = cacheFiles();
  const asked: string[] = [];
  const local: typeof fetch = (input) => {
    asked.push(address(input));
    return Promise.resolve(new Response(new Uint8Array(sizes.get(address(input).split('/').at(-1) ?? '') ?? 0)));
  };
  const source = { kind: 'embedded', id: 'all-MiniLM-L6-v2' } as const;
  const context = contextWith(files, { baseUrl: 'http://localhost/app/', fetch: local });
  const { files: listed, bytes } = await describeModel(context, source);
  const sizes = new Map(listed.map((file) => [file.path, file.bytes]));
  expect(asked).toEqual([]);
  await fetchModel(context, source);
  expect(asked).toContain('http://localhost/app/models/all-MiniLM-L6-v2/model.safetensors');
  expect((await describeModel(contextWith(files), source)).cachedBytes).toBe(bytes);
  await fetchModel(contextWith(files, { fetch: () => Promise.reject(new TypeError('offline')) }), source);
  await context.cache.clear();
  expect(await context.cache.usedBytes()).toBe(0);
});

it.each([
  '{',
  '[]',
  '{"name":"m","licence":null,"whole":true,"files":[["config.json",null]]}',
  '{"name":"m","licence":null,"whole":true,"files":[["a",{"size":-1,"etag":null,"complete":true}]]}',
])('a note of the cache that is none (%s) counts as no note', async (note) => {
  const files = cacheFiles();
  await files.write('key/folder.json', text(note));
  const { cache } = contextWith(files);
  expect(await cache.note('key')).toBeNull();
  await expect(cache.folder('key', 'a model')).rejects.toMatchObject({ code: 'missing-file' });
});
