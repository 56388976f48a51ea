/** For tests: a store whose browser and worker are in the test's hands. */
import type { PlainError } from '../base/errors';
import { TabtuneError } from '../base/errors';
import type { RequestOptions } from '../worker/link/client';
import type { RequestName, Requests } from '../worker/link/protocol';
import type { Ask, Browser } from './outside';
import type { RouteName } from './routes';

/** localStorage as a map. */
export class MapStorage {
  private readonly entries = new Map<string, string>();

  get length(): number {
    return this.entries.size;
  }

  key = (place: number): string | null => [...this.entries.keys()][place] ?? null;
  getItem = (key: string): string | null => this.entries.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.entries.set(key, value);
  removeItem = (key: string): void => void this.entries.delete(key);
}

/** A browser that keeps in `storage`; what it is asked to do is noted. */
export function fakeBrowser(storage = new MapStorage()): Browser & { asked: string[]; storage: MapStorage } {
  const asked: string[] = [];
  let route: RouteName = 'start';
  return {
    asked,
    storage,
    baseUrl: 'https://app.example/',
    route: () => route,
    go: (next) => void (route = next),
    persisted: () => Promise.resolve(false),
    persist: () => {
      asked.push('persist');
      return Promise.resolve(true);
    },
    lockScreen: () => {
      asked.push('lock the screen');
      return Promise.resolve({
        released: false,
        release: () => {
          asked.push('release the screen');
          return Promise.resolve();
        },
      });
    },
    download: (name) => void asked.push(`download ${name}`),
    startOver: () => void asked.push('start over'),
  };
}

/** A request that waits for the test. */
export interface Waiting<K extends RequestName = RequestName> {
  name: K;
  params: Requests[K]['params'];
  options: RequestOptions;
  answer: (result: Requests[K]['result']) => void;
  fail: (error: PlainError) => void;
}

type Answers = { [K in RequestName]?: (params: Requests[K]['params']) => Requests[K]['result'] };

/**
 * A worker: requests with an answer in `answers` get it at once, an error thrown there included; the others wait for
 * the test. Aborting a waiting request fails it, as the worker does.
 */
export function fakeWorker(answers: Answers) {
  const asked: RequestName[] = [];
  const waiting: Waiting[] = [];
  const ask: Ask = (name, params, options = {}) => {
    asked.push(name);
    const answer = answers[name];
    if (answer) return Promise.resolve().then(() => answer(params));
    return new Promise((resolve, reject) => {
      const fail = (error: PlainError): void => reject(TabtuneError.fromPlain(error));
      options.signal?.addEventListener('abort', () => fail({ code: 'cancelled', message: 'Cancelled.' }));
      waiting.push({ name, params, options, answer: resolve, fail });
    });
  };
  /** The newest waiting request of a name. */
  const pending = (name: RequestName): Waiting => {
    const found = waiting.findLast((one) => one.name === name);
    if (!found) throw new Error(`Nobody asked for ${name}; asked were ${asked.join(', ')}.`);
    return found;
  };
  return { ask, asked, pending };
}
