/** The browser that the page runs in. */
import type { Browser } from './outside';
import { routeOf, type RouteName } from './routes';

/** The address of a file that is being downloaded is given up after this long. */
const DOWNLOAD_MS = 60_000;

export function go(route: RouteName): void {
  window.location.hash = `#/${route}`;
}

function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

export const pageBrowser = (): Browser => ({
  storage: storage(),
  baseUrl: new URL('./', document.baseURI).href,
  route: () => routeOf(window.location.hash),
  go,
  persisted: () => navigator.storage.persisted().catch(() => null),
  persist: () => navigator.storage.persist().catch(() => null),
  lockScreen: async () =>
    'wakeLock' in navigator && document.visibilityState === 'visible'
      ? navigator.wakeLock.request('screen').catch(() => null)
      : null,
  download(fileName, blob) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = fileName;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), DOWNLOAD_MS);
  },
  startOver: () => window.location.replace(window.location.pathname),
});
