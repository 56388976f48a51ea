/** The device in use and what left the tab. */
import { create } from 'zustand';
import type { PlainError } from '../base/errors';
import type { BackendName, DeviceReport } from '../domain/device';
import { errorToShow } from './jobs';
import type { Ask, Browser } from './outside';
import type { KeptSession } from './session';
import type { TuningSlice } from './tuning';

interface DeviceState {
  report: DeviceReport | null;
  /** True while the backends are being measured. */
  measuring: boolean;
  error: PlainError | null;
  hubUrl: string;
  sentBytes: number;
  receivedBytes: number;
  /** Starts the worker with the kept settings; true when it answered. */
  start: () => Promise<boolean>;
  chooseBackend: (backend: BackendName | null) => Promise<void>;
  setHubUrl: (url: string) => Promise<void>;
  /** Bytes so far of the worker's requests, or of the page's own: none to other origins unless all is wrong. */
  count: (whose: 'worker' | 'page', sentBytes: number, receivedBytes: number) => void;
  fail: (error: PlainError) => void;
}

interface Parts {
  ask: Ask;
  browser: Browser;
  session: KeptSession;
  tuning: TuningSlice;
}

export type DeviceSlice = ReturnType<typeof createDevice>;

export const createDevice = ({ ask, browser, session, tuning }: Parts) =>
  create<DeviceState>()((set, get) => {
    const sums = { worker: { sent: 0, received: 0 }, page: { sent: 0, received: 0 } };
    return {
      report: null,
      measuring: false,
      error: null,
      hubUrl: session.read().hubUrl,
      sentBytes: 0,
      receivedBytes: 0,
      start: async () => {
        set({ measuring: true, error: null });
        try {
          const { hubUrl, backendOverride, checkpointSeconds } = session.read();
          const report = await ask('start', { baseUrl: browser.baseUrl, hubUrl, backendOverride, checkpointSeconds });
          await ask('setTuning', tuning.getState().settings);
          set({ report, measuring: false });
          return true;
        } catch (thrown) {
          set({ measuring: false, error: errorToShow(thrown) });
          return false;
        }
      },
      chooseBackend: async (backend) => {
        set({ measuring: true, error: null });
        try {
          set({ report: await ask('useBackend', { backend }), measuring: false });
          session.remember({ backendOverride: backend });
        } catch (thrown) {
          set({ measuring: false, error: errorToShow(thrown) });
        }
      },
      setHubUrl: async (hubUrl) => {
        session.remember({ hubUrl });
        set({ hubUrl });
        await get().start();
      },
      count: (whose, sent, received) => {
        sums[whose] = { sent, received };
        set({ sentBytes: sums.page.sent + sums.worker.sent, receivedBytes: sums.page.received + sums.worker.received });
      },
      fail: (error) => set({ error, measuring: false }),
    };
  });
