/** The base model: what is known of a candidate before it is downloaded, and the one that is loaded. */
import { create } from 'zustand';
import type { PlainError } from '../base/errors';
import type { ModelDescription, ModelInfo, ModelSource } from '../domain/model';
import type { ModelPick } from '../worker/link/protocol';
import { errorToShow, runJob, type Job, type JobHooks } from './jobs';
import type { Ask } from './outside';
import type { ResultsSlice } from './results';
import type { KeptSession } from './session';
import type { UiSlice } from './ui';

/** A model that was looked at but not loaded yet, with what to ask for to load it. */
export interface Candidate {
  pick: ModelPick;
  description: ModelDescription;
}

interface ModelState {
  info: ModelInfo | null;
  source: ModelSource | null;
  candidate: Candidate | null;
  job: Job | null;
  error: PlainError | null;
  /** What failed last, so that it can be tried again; a broken download goes on where it stopped. */
  failedPick: ModelPick | null;
  describe: (pick: ModelPick) => Promise<void>;
  load: (pick: ModelPick) => Promise<boolean>;
  /** Takes the taught model of the run in view as the base of the next run. */
  goOnFromRun: () => Promise<boolean>;
  close: () => Promise<void>;
  adopt: (info: ModelInfo | null, source: ModelSource | null) => void;
  dismissCandidate: () => void;
}

export type ModelSlice = ReturnType<typeof createModel>;

interface Parts {
  ask: Ask;
  session: KeptSession;
  results: ResultsSlice;
  ui: UiSlice;
}

/** The ways to load a model; each answers whether it is loaded. */
function loaders({ ask, session, results, ui }: Parts, set: (changed: Partial<ModelState>) => void) {
  /** Loads by a request; `again` is what can be tried again when it fails. */
  const take = async (
    request: (hooks: JobHooks) => Promise<{ info: ModelInfo; source: ModelSource }>,
    again: ModelPick | null,
  ): Promise<boolean> => {
    set({ error: null, failedPick: null });
    try {
      const { info, source } = await runJob('Loading the model', (job) => set({ job }), request);
      set({ info, source, candidate: null });
      results.getState().putAside();
      session.remember({ modelSource: source });
      ui.getState().announce(`${info.name} is loaded.`);
      return true;
    } catch (thrown) {
      const error = errorToShow(thrown);
      set({ error, failedPick: error ? again : null });
      return false;
    }
  };
  return {
    load: (pick) => take((hooks) => ask('loadModel', pick, hooks), pick),
    goOnFromRun: () => take((hooks) => ask('goOnFromRun', null, hooks), null),
  } satisfies Partial<ModelState>;
}

export const createModel = (parts: Parts) =>
  create<ModelState>()((set) => {
    const { ask, session, results } = parts;
    return {
      info: null,
      source: null,
      candidate: null,
      job: null,
      error: null,
      failedPick: null,
      describe: async (pick) => {
        set({ error: null, failedPick: null, candidate: null });
        try {
          const description = await runJob(
            'Looking the model up',
            (job) => set({ job }),
            (hooks) => ask('describeModel', pick, hooks),
          );
          set({ candidate: { pick, description } });
        } catch (thrown) {
          set({ error: errorToShow(thrown) });
        }
      },
      ...loaders(parts, set),
      close: async () => {
        try {
          await ask('closeModel', null);
        } catch (thrown) {
          set({ error: errorToShow(thrown) });
          return;
        }
        set({ info: null, source: null });
        session.remember({ modelSource: null });
        results.getState().putAside();
      },
      adopt: (info, source) => {
        set({ info, source, candidate: null, error: null });
        session.remember({ modelSource: source });
      },
      dismissCandidate: () => set({ candidate: null, error: null, failedPick: null }),
    };
  });
