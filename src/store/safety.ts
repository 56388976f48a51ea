/**
 * What keeps work safe beyond the worker: who writes, the browser's promise to keep, the screen that stays on, how
 * often a run is kept.
 */
import { create } from 'zustand';
import type { Ask, Browser } from './outside';
import type { KeptSession } from './session';

interface SafetyState {
  /** Another tab writes; this one only reads. */
  reading: boolean;
  /** The tab that wrote has ended: a reload makes this one the writer. */
  free: boolean;
  /**
   * Whether the browser has promised not to delete what is kept when the disk runs full; null when it has not been
   * asked.
   */
  persisted: boolean | null;
  checkpointSeconds: number;
  keepAwake: boolean;
  /** Asks who writes; call it once the worker has started. */
  check: () => Promise<void>;
  setCheckpointSeconds: (seconds: number) => Promise<void>;
  setKeepAwake: (keepAwake: boolean) => void;
  /**
   * Asks the browser not to delete what is kept: when the first run starts there is something worth keeping, and the
   * person has just acted.
   */
  askToPersist: () => Promise<void>;
  /** Keeps the screen on while a run learns, where the person wants it and the browser can. */
  holdScreen: (running: boolean) => Promise<void>;
  /** Holds it again: the browser lets go of the screen when the page is hidden. */
  holdAgain: () => Promise<void>;
}

export type SafetySlice = ReturnType<typeof createSafety>;

export function createSafety({ ask, session, browser }: { ask: Ask; session: KeptSession; browser: Browser }) {
  let running = false;
  let lock: Awaited<ReturnType<Browser['lockScreen']>> = null;
  return create<SafetyState>()((set, get) => ({
    reading: false,
    free: false,
    persisted: null,
    checkpointSeconds: session.read().checkpointSeconds,
    keepAwake: session.read().keepAwake,
    check: async () => {
      set({ persisted: await browser.persisted() });
      const { writable } = await ask('access', null);
      if (writable) return;
      session.onlyRead();
      set({ reading: true });
      void ask('waitForWriting', null).then(
        () => set({ free: true }),
        () => undefined,
      );
    },
    setCheckpointSeconds: async (checkpointSeconds) => {
      set({ checkpointSeconds });
      session.remember({ checkpointSeconds });
      await ask('setCheckpointSeconds', { seconds: checkpointSeconds });
    },
    setKeepAwake: (keepAwake) => {
      set({ keepAwake });
      session.remember({ keepAwake });
      void get().holdAgain();
    },
    askToPersist: async () => {
      if (!get().persisted) set({ persisted: await browser.persist() });
    },
    holdScreen: async (on) => {
      running = on;
      if (!on || !get().keepAwake) {
        await lock?.release();
        lock = null;
      } else if (!lock || lock.released) lock = await browser.lockScreen();
    },
    holdAgain: async () => {
      if (running) await get().holdScreen(true);
    },
  }));
}
