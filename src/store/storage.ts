/** What this browser keeps for the app, and the ways to delete it. */
import { create } from 'zustand';
import type { PlainError } from '../base/errors';
import type { StorageReport } from '../worker/link/protocol';
import type { DataSlice } from './data';
import { errorToShow } from './jobs';
import { forgetOffline } from './offline';
import type { Ask, Browser } from './outside';
import type { ResultsSlice } from './results';
import type { KeptSession } from './session';
import type { UnfinishedSlice } from './unfinished';

interface StorageState {
  report: StorageReport | null;
  error: PlainError | null;
  refresh: () => Promise<void>;
  deleteDataset: (id: string) => Promise<void>;
  deleteRun: (id: string) => Promise<void>;
  deleteUnfinished: (id: string) => Promise<void>;
  clearModelCache: () => Promise<void>;
  /** Deletes everything and loads the page anew. */
  clearEverything: () => Promise<void>;
}

interface Parts {
  ask: Ask;
  browser: Browser;
  session: KeptSession;
  data: DataSlice;
  results: ResultsSlice;
  unfinished: UnfinishedSlice;
}

export const createStorage = ({ ask, browser, session, data, results, unfinished }: Parts) =>
  create<StorageState>()((set, get) => {
    const then = async (work: () => Promise<unknown>): Promise<void> => {
      set({ error: null });
      try {
        await work();
        await get().refresh();
      } catch (thrown) {
        set({ error: errorToShow(thrown) });
      }
    };
    return {
      report: null,
      error: null,
      refresh: async () => {
        try {
          set({ report: await ask('storage', null) });
        } catch (thrown) {
          set({ error: errorToShow(thrown) });
        }
      },
      deleteDataset: (id) =>
        then(async () => {
          await ask('deleteDataset', { id });
          if (data.getState().info?.id === id) data.getState().adopt(null);
        }),
      deleteRun: (id) => then(() => results.getState().remove(id)),
      deleteUnfinished: (id) => then(() => unfinished.getState().remove(id)),
      clearModelCache: () => then(() => ask('clearModelCache', null)),
      clearEverything: async () => {
        set({ error: null });
        try {
          await ask('clearEverything', null);
          await forgetOffline();
        } catch (thrown) {
          set({ error: errorToShow(thrown) });
          return;
        }
        session.forget();
        browser.startOver();
      },
    };
  });
