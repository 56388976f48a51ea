/** Runs as wholes: renamed, duplicated, saved as a file and brought in from one. */
import { create } from 'zustand';
import type { PlainError } from '../base/errors';
import { errorToShow, runJob, type Job } from './jobs';
import type { Ask, Browser } from './outside';
import type { ResultsSlice } from './results';
import type { UiSlice } from './ui';
import type { UnfinishedSlice } from './unfinished';

interface ProjectsState {
  /** A project that is being written or read. */
  job: Job | null;
  error: PlainError | null;
  rename: (id: string, name: string) => Promise<void>;
  duplicate: (id: string) => Promise<void>;
  /** Gives the run with all that belongs to it to the downloads. */
  save: (id: string) => Promise<void>;
  bringIn: (file: File) => Promise<void>;
}

export type ProjectsSlice = ReturnType<typeof createProjects>;

interface Parts {
  ask: Ask;
  browser: Browser;
  results: ResultsSlice;
  ui: UiSlice;
  unfinished: UnfinishedSlice;
}

export const createProjects = ({ ask, browser, results, ui, unfinished }: Parts) =>
  create<ProjectsState>()((set, get) => {
    const then = async (work: () => Promise<string>): Promise<void> => {
      if (get().job) return;
      set({ error: null });
      try {
        const done = await work();
        await Promise.all([results.getState().list(), unfinished.getState().list()]);
        ui.getState().announce(done);
      } catch (thrown) {
        set({ error: errorToShow(thrown) });
      }
    };
    const show = (job: Job | null): void => set({ job });
    return {
      job: null,
      error: null,
      rename: (id, name) =>
        then(async () => {
          await ask('renameRun', { id, name });
          const { run } = results.getState();
          if (run?.id === id) results.setState({ run: { ...run, name } });
          return `The run is called “${name}” now.`;
        }),
      duplicate: (id) =>
        then(async () => {
          await ask('duplicateRun', { id });
          return 'The run has been duplicated.';
        }),
      save: (id) =>
        then(async () => {
          const { fileName, blob } = await runJob('Gathering the project', show, (hooks) =>
            ask('exportProject', { id }, hooks),
          );
          browser.download(fileName, blob);
          return `${fileName} goes to your downloads.`;
        }),
      bringIn: (file) =>
        then(async () => {
          const { runName } = await runJob('Reading the project', show, (hooks) =>
            ask('importProject', { file }, hooks),
          );
          return `“${runName}” has been brought in.`;
        }),
    };
  });
