/** Runs that stopped before their end and can go on from their last checkpoint. */
import { create } from 'zustand';
import type { PlainError } from '../base/errors';
import type { UnfinishedRun } from '../domain/run';
import { errorToShow } from './jobs';
import type { Ask } from './outside';

interface UnfinishedState {
  /** Newest first. */
  runs: UnfinishedRun[];
  error: PlainError | null;
  list: () => Promise<void>;
  remove: (id: string) => Promise<void>;
}

export type UnfinishedSlice = ReturnType<typeof createUnfinished>;

export const createUnfinished = ({ ask }: { ask: Ask }) =>
  create<UnfinishedState>()((set, get) => ({
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
