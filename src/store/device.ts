/** The device in use and what left the tab. */
import { create } from 'zustand';
import type { PlainError } from '../base/errors';
import { watchTraffic } from '../base/traffic';
import type { BackendName, DeviceReport } from '../domain/device';
import { ask, connection } from './connection';
import { errorToShow } from './jobs';
import { readSession, rememberSession } from './session';
import { useTuning } from './tuning';

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
}

export const useDevice = create<DeviceState>()((set, get) => ({
  report: null,
  measuring: false,
  error: null,
  hubUrl: readSession().hubUrl,
  sentBytes: 0,
  receivedBytes: 0,
  start: async () => {
    set({ measuring: true, error: null });
    try {
      const { hubUrl, backendOverride, checkpointSeconds } = readSession();
      const baseUrl = new URL('./', document.baseURI).href;
      const report = await ask('start', { baseUrl, hubUrl, backendOverride, checkpointSeconds });
      await ask('setTuning', useTuning.getState().settings);
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
      rememberSession({ backendOverride: backend });
    } catch (thrown) {
      set({ measuring: false, error: errorToShow(thrown) });
    }
  },
  setHubUrl: async (hubUrl) => {
    rememberSession({ hubUrl });
    set({ hubUrl });
    await get().start();
  },
}));

/** The page's own requests, which are none to other origins unless something is wrong, beside those of the worker. */
const own = { sentBytes: 0, receivedBytes: 0 };
let ofWorker = { sentBytes: 0, receivedBytes: 0 };
const showTraffic = (): void =>
  useDevice.setState({
    sentBytes: own.sentBytes + ofWorker.sentBytes,
    receivedBytes: own.receivedBytes + ofWorker.receivedBytes,
  });

watchTraffic(window, (sent, received) => {
  own.sentBytes += sent;
  own.receivedBytes += received;
  showTraffic();
});
connection.onTraffic((traffic) => {
  ofWorker = traffic;
  showTraffic();
});
connection.onCrash((error) => useDevice.setState({ error: error.toPlain(), measuring: false }));
