/**
 * The files of one version of the app in a cache. What goes in is proved to be the build's: a host may hold files of
 * several versions at once while it is being written to, and caches on the way may hold older ones.
 */
import { inRange, withHeaders } from './cached-answer';
import { proved } from './proof';

/** Paths relative to the app's folder, each with the SHA-256 of its file. */
export type FileList = Readonly<Record<string, string>>;

export interface KeptFilesOptions {
  cache: () => Promise<Pick<Cache, 'match' | 'put'>>;
  fetch: typeof fetch;
  addressOf: (path: string) => string;
  /** Put on every answer. */
  headers: Readonly<Record<string, string>>;
}

/** How a file is asked for: first what the browser's own cache holds is checked with the host, then it is passed by. */
const WAYS = ['no-cache', 'reload'] as const;

export class KeptFiles {
  constructor(
    private readonly files: FileList,
    private readonly options: KeptFilesOptions,
  ) {}

  has(path: string): boolean {
    return Object.hasOwn(this.files, path);
  }

  /** Fetches what is missing of these, one after the other. Throws when one cannot be had as the build made it. */
  async keep(paths: readonly string[]): Promise<void> {
    const cache = await this.options.cache();
    for (const path of paths)
      if (!(await cache.match(this.options.addressOf(path)))) await cache.put(...(await this.fetched(path)));
  }

  private async fetched(path: string): Promise<[address: string, answer: Response]> {
    const address = this.options.addressOf(path);
    for (const cache of WAYS) {
      const response = await this.options.fetch(address, { cache, credentials: 'omit' });
      if (!response.ok) throw new Error(`${path}: status ${response.status}`);
      const answer = await this.proved(withHeaders(response, this.options.headers), path);
      if (answer) return [address, answer];
    }
    throw new Error(`${path} is not the file of this version`);
  }

  private proved(answer: Response, path: string): Promise<Response | null> {
    return proved(answer, this.files[path] ?? '');
  }

  /**
   * The file for a request, and what is left to do after it: a hole is filled from the network. The page itself is
   * proved anew each time, for a wrong one names scripts that nobody has: then the network's is taken.
   */
  async answer(request: Request, path: string): Promise<{ response: Response; after: Promise<void> }> {
    const cache = await this.options.cache();
    const address = this.options.addressOf(path);
    const done = Promise.resolve();
    const cached = await cache.match(address);
    if (cached && (request.mode !== 'navigate' || (await this.proved(cached.clone(), path))))
      return { response: await inRange(cached, request), after: done };
    const response = await this.options.fetch(request).catch((thrown: unknown) => {
      if (cached) return cached;
      throw thrown;
    });
    // An opaque or failed answer cannot be given headers, a part not be proved.
    if (!response.ok) return { response, after: done };
    const answer = withHeaders(response, this.options.headers);
    if (response.status !== 200) return { response: answer, after: done };
    return { response: answer, after: this.fill(address, path, answer.clone()) };
  }

  private async fill(address: string, path: string, answer: Response): Promise<void> {
    const whole = await this.proved(answer, path).catch(() => null);
    if (whole) await (await this.options.cache()).put(address, whole);
  }
}
