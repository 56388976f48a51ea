/**
 * What keeps work safe beyond the worker: who writes, the browser's promise to keep, the screen that stays on, how
 * often a run is kept.
 */
import { create } from 'zustand';
import { ask } from './connection';
import { onlyRead, readSession, rememberSession } from './session';

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
}

export const useSafety = create<SafetyState>()((set) => ({
  reading: false,
  free: false,
  persisted: null,
  checkpointSeconds: readSession().checkpointSeconds,
  keepAwake: readSession().keepAwake,
  check: async () => {
    set({ persisted: await navigator.storage.persisted().catch(() => null) });
    const { writable } = await ask('access', null);
    if (writable) return;
    onlyRead();
    set({ reading: true });
    void ask('waitForWriting', null).then(
      () => set({ free: true }),
      () => undefined,
    );
  },
  setCheckpointSeconds: async (checkpointSeconds) => {
    set({ checkpointSeconds });
    rememberSession({ checkpointSeconds });
    await ask('setCheckpointSeconds', { seconds: checkpointSeconds });
  },
  setKeepAwake: (keepAwake) => {
    set({ keepAwake });
    rememberSession({ keepAwake });
  },
}));

/**
 * Asks the browser not to delete what is kept: when the first run starts there is something worth keeping, and the
 * person has just acted.
 */
export async function askToPersist(): Promise<void> {
  if (useSafety.getState().persisted) return;
  useSafety.setState({ persisted: await navigator.storage.persist().catch(() => null) });
}

let running = false;
let lock: WakeLockSentinel | null = null;

/** Keeps the screen on while a run learns, where the person wants it and the browser can. */
export async function holdScreen(on: boolean): Promise<void> {
  running = on;
  const wanted =
    on && useSafety.getState().keepAwake && 'wakeLock' in navigator && document.visibilityState === 'visible';
  if (!wanted) {
    await lock?.release();
    lock = null;
  } else if (!lock || lock.released) lock = await navigator.wakeLock.request('screen').catch(() => null);
}

// The browser lets go of the screen when the page is hidden.
document.addEventListener('visibilitychange', () => {
  if (running) void holdScreen(true);
});
useSafety.subscribe((now, before) => {
  if (running && now.keepAwake !== before.keepAwake) void holdScreen(true);
});
