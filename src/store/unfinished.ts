/** Runs that stopped before their end and can go on from their last checkpoint. */
import { create } from 'zustand';
import type { PlainError } from '../base/errors';
import type { UnfinishedRun } from '../domain/run';
import { ask } from './connection';
import { errorToShow } from './jobs';

interface UnfinishedState {
  /** Newest first. */
  runs: UnfinishedRun[];
  error: PlainError | null;
  list: () => Promise<void>;
  remove: (id: string) => Promise<void>;
}

export const useUnfinished = create<UnfinishedState>()((set, get) => ({
  runs: [],
  error: null,
  list: async () => {
    try {
      set({ runs: await ask('listUnfinished', null), error: null });
    } catch (thrown) {
      set({ error: errorToShow(thrown) });
    }
  },
  remove: async (id) => {
    try {
      await ask('deleteUnfinished', { id });
      await get().list();
    } catch (thrown) {
      set({ error: errorToShow(thrown) });
    }
  },
}));
