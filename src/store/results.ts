/** What came out: the current run with its report and exports, and the list of kept runs. */
import { create } from 'zustand';
import type { PlainError } from '../base/errors';
import type { RunSummary } from '../domain/run';
import type { RequestOptions } from '../worker/link/client';
import type { ExportOffer, ExportResult } from '../worker/link/protocol';
import { errorToShow, runJob, type Job } from './jobs';
import type { Ask } from './outside';
import type { KeptSession } from './session';

/** A built file with the address of its bytes, which lives as long as the run is in view. */
export type BuiltExport = ExportResult & { url: string };

interface ResultsState {
  run: RunSummary | null;
  /** The lesson's report on the test rows; the lesson's page knows what it is. */
  evaluation: unknown;
  /** What the run can be taken away as; null until it was asked. */
  offers: ExportOffer[] | null;
  /** Files by the ids of their offers. */
  exports: Readonly<Record<string, BuiltExport>>;
  runs: RunSummary[] | null;
  job: Job | null;
  /** The export being built, while `job` is it. */
  building: string | null;
  error: PlainError | null;
  evaluate: () => Promise<void>;
  /** Asks what only runs of one lesson answer. */
  askRun: (what: string, params: unknown, options?: RequestOptions) => Promise<unknown>;
  listOffers: () => Promise<void>;
  build: (id: string) => Promise<void>;
  /** Makes a finished run the current one. */
  show: (run: RunSummary) => void;
  /** Data or model changed: the run stays under Runs, but is no longer the one in view. */
  putAside: () => void;
  /** The worker died, and with it what it held of the run. */
  lose: () => void;
  list: () => Promise<void>;
  remove: (id: string) => Promise<void>;
}

const NOTHING = { run: null, evaluation: null, offers: null, exports: {}, error: null };

export type ResultsSlice = ReturnType<typeof createResults>;

/** What is asked of the run in view. */
function asksOfRun(ask: Ask, set: (changed: Partial<ResultsState>) => void, get: () => ResultsState) {
  /** What `work` finds out of the run in view, unless that has become another one meanwhile. */
  const ofRun = async <T>(work: () => Promise<T>, take: (found: T) => void): Promise<void> => {
    const { run } = get();
    try {
      const found = await work();
      if (get().run?.id === run?.id) take(found);
    } catch (thrown) {
      set({ error: errorToShow(thrown) });
    }
  };
  const show = (job: Job | null): void => set({ job });
  return {
    evaluate: async () => {
      if (!get().run || get().job) return;
      set({ error: null });
      await ofRun(
        () => runJob('Testing both models on the test rows', show, (hooks) => ask('evaluate', null, hooks)),
        (evaluation) => set({ evaluation }),
      );
    },
    askRun: (what, params, options) => ask('askRun', { what, params }, options),
    listOffers: async () => {
      if (!get().run || get().offers) return;
      await ofRun(
        () => ask('exportOffers', null),
        (offers) => set({ offers }),
      );
    },
    build: async (id) => {
      if (!get().run || get().job) return;
      set({ error: null, building: id });
      await ofRun(
        () => runJob('Building the file', show, (hooks) => ask('exportRun', { id }, hooks)),
        (made) => set({ exports: { ...get().exports, [id]: { ...made, url: URL.createObjectURL(made.blob) } } }),
      );
      set({ building: null });
    },
  } satisfies Partial<ResultsState>;
}

export function createResults({ ask, session }: { ask: Ask; session: KeptSession }) {
  return create<ResultsState>()((set, get) => {
    const releaseExports = (): void => {
      for (const { url } of Object.values(get().exports)) URL.revokeObjectURL(url);
    };
    return {
      ...NOTHING,
      runs: null,
      job: null,
      building: null,
      ...asksOfRun(ask, set, get),
      show: (run) => {
        releaseExports();
        set({ ...NOTHING, run, evaluation: run.evaluation });
        session.remember({ runId: run.id });
      },
      putAside: () => {
        releaseExports();
        set(NOTHING);
        session.remember({ runId: null });
      },
      lose: () => {
        releaseExports();
        set({ ...NOTHING, error: get().error, job: null, building: null });
      },
      list: async () => {
        try {
          set({ runs: await ask('listRuns', null) });
        } catch (thrown) {
          set({ error: errorToShow(thrown) });
        }
      },
      remove: async (id) => {
        try {
          await ask('deleteRun', { id });
          if (get().run?.id === id) get().putAside();
          await get().list();
        } catch (thrown) {
          set({ error: errorToShow(thrown) });
        }
      },
    };
  });
}
