/** What the store needs of the world around it; a test gives its own. */
import type { RequestOptions } from '../worker/link/client';
import type { RequestName, Requests } from '../worker/link/protocol';
import type { RouteName } from './routes';

/** Sends a request to the worker; rejects with a `TabtuneError`. */
export type Ask = <K extends RequestName>(
  name: K,
  params: Requests[K]['params'],
  options?: RequestOptions,
) => Promise<Requests[K]['result']>;

/** The browser, as far as the store uses it. */
export interface Browser {
  /** localStorage, or null where the browser forbids it (blocked cookies). */
  storage: Pick<Storage, 'length' | 'key' | 'getItem' | 'setItem' | 'removeItem'> | null;
  /** The folder that the app is served from. */
  baseUrl: string;
  /** The place that the address names. */
  route: () => RouteName;
  /** Shows a step; the hash makes it a place that the back button knows. */
  go: (route: RouteName) => void;
  /** Whether the browser has promised not to delete what is kept; null when it does not say. */
  persisted: () => Promise<boolean | null>;
  /** Asks it for that promise. */
  persist: () => Promise<boolean | null>;
  /** Keeps the screen on; null where it cannot be, as while the page is hidden. */
  lockScreen: () => Promise<Pick<WakeLockSentinel, 'released' | 'release'> | null>;
  /** Gives a file to the downloads. */
  download: (fileName: string, blob: Blob) => void;
  /** Loads the page anew, at its start. */
  startOver: () => void;
}
