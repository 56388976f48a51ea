/** Whether the app works without a network, and the new version of it that waits. */
import { create } from 'zustand';

interface OfflineState {
  /** `off`: this browser or address cannot; `fetching`: files are on their way; `ready`: the network may be cut. */
  state: 'off' | 'fetching' | 'ready';
  /** A newer version of the app that waits to be used. */
  waiting: ServiceWorker | null;
  /** Why the newer version could not be used, in a sentence. */
  refused: string | null;
  /**
   * Loads the page anew with the newer version; refused while other pages of the app are open, whose runs it would
   * disturb.
   */
  update: () => Promise<void>;
  /**
   * Registers the service worker of the built app, which fetches the app's files and then its models. Called when the
   * app has started, so that the first view and the measurement of the device come first. Without it the app works as
   * before, online.
   */
  begin: () => Promise<void>;
}

type Question = 'keep models' | 'take over';

/** Asks a service worker through a port of its own. */
function tell(worker: ServiceWorker, question: Question): Promise<unknown> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }: MessageEvent<unknown>) => resolve(data);
    worker.postMessage(question, [port2]);
  });
}

/** The worker that serves the app, or null when the first one could not be installed. */
async function started(registration: ServiceWorkerRegistration): Promise<ServiceWorker | null> {
  const { installing } = registration;
  const failed = new Promise<null>((resolve) =>
    installing?.addEventListener('statechange', () => {
      if (installing.state === 'redundant' && !registration.active) resolve(null);
    }),
  );
  return Promise.race([navigator.serviceWorker.ready.then(({ active }) => active), failed]);
}

export const createOffline = () =>
  create<OfflineState>()((set, get) => {
    const watchForUpdates = (registration: ServiceWorkerRegistration): void => {
      const found = (): void => {
        // The very first version waits for nobody.
        if (registration.waiting && navigator.serviceWorker.controller) set({ waiting: registration.waiting });
      };
      found();
      registration.addEventListener('updatefound', () =>
        registration.installing?.addEventListener('statechange', found),
      );
    };
    return {
      state: 'off',
      waiting: null,
      refused: null,
      update: async () => {
        const { waiting } = get();
        if (!waiting) return;
        navigator.serviceWorker.addEventListener('controllerchange', () => window.location.reload(), { once: true });
        const answer = await tell(waiting, 'take over');
        if (answer === 'other pages')
          set({ refused: 'Close the other pages of Tabtune first: they still use the version that you have.' });
      },
      begin: async () => {
        if (!import.meta.env.PROD || !('serviceWorker' in navigator) || !window.isSecureContext) return;
        try {
          const registration = await navigator.serviceWorker.register('./service-worker.js');
          set({ state: 'fetching' });
          watchForUpdates(registration);
          const active = await started(registration);
          const models = active && (await tell(active, 'keep models'));
          set({ state: models === 'kept' ? 'ready' : 'off' });
        } catch {
          // Refused by the browser, or the network went away meanwhile: the next visit tries again.
          set({ state: 'off' });
        }
      },
    };
  });

export type OfflineSlice = ReturnType<typeof createOffline>;

/** Removes the files kept for use without a network. */
export async function forgetOffline(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  for (const registration of await navigator.serviceWorker.getRegistrations())
    if (registration.scope === new URL('./', document.baseURI).href) await registration.unregister();
  for (const name of await caches.keys()) if (name.startsWith('tabtune-app-')) await caches.delete(name);
}

/** Bytes of the files kept for use without a network. */
export async function offlineBytes(): Promise<number> {
  if (!('caches' in window)) return 0;
  let bytes = 0;
  for (const name of await caches.keys()) {
    if (!name.startsWith('tabtune-app-')) continue;
    const cache = await caches.open(name);
    for (const request of await cache.keys()) bytes += (await (await cache.match(request))?.blob())?.size ?? 0;
  }
  return bytes;
}
