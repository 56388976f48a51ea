/** What came out: the current run with its evaluation, try-outs and exports, and the list of kept runs. */
import { create } from 'zustand';
import type { PlainError } from '../base/errors';
import type { LanguageEvaluation } from '../domain/language-evaluation';
import type { EvaluationReport } from '../domain/metrics';
import type { RunSummary } from '../domain/run';
import type { CellRow, ExportKind, ExportResult, PredictionPair } from '../worker/link/protocol';
import { ask } from './connection';
import { errorToShow, runJob, type Job } from './jobs';
import { rememberSession } from './session';

/** A built file with the address of its bytes, which lives as long as the run is in view. */
export type BuiltExport = ExportResult & { url: string };

interface ResultsState {
  run: RunSummary | null;
  evaluation: EvaluationReport | LanguageEvaluation | null;
  prediction: PredictionPair | null;
  exports: Partial<Record<ExportKind, BuiltExport>>;
  /** What is typed under Try it; leaving the step loses nothing. */
  draft: { text: string; pair: string };
  runs: RunSummary[] | null;
  job: Job | null;
  /** The export being built, while `job` is it. */
  building: ExportKind | null;
  error: PlainError | null;
  evaluate: () => Promise<void>;
  setDraft: (draft: { text: string; pair: string }) => void;
  predict: (text: string, textPair: string | null) => Promise<void>;
  cellRows: (actual: number, predicted: number) => Promise<CellRow[]>;
  build: (kind: ExportKind) => Promise<void>;
  /** Makes a finished run the current one. */
  show: (run: RunSummary) => void;
  /** Data or model changed: the run stays under Runs, but is no longer the one in view. */
  putAside: () => void;
  list: () => Promise<void>;
  remove: (id: string) => Promise<void>;
}

const NOTHING = {
  run: null,
  evaluation: null,
  prediction: null,
  exports: {},
  draft: { text: '', pair: '' },
  error: null,
};
let predictController: AbortController | null = null;

export const useResults = create<ResultsState>()((set, get) => {
  const releaseExports = (): void => {
    for (const { url } of Object.values(get().exports)) URL.revokeObjectURL(url);
  };
  return {
    ...NOTHING,
    runs: null,
    job: null,
    building: null,
    evaluate: async () => {
      const { run, job } = get();
      if (!run || job) return;
      set({ error: null });
      try {
        const evaluation = await runJob(
          'Testing both models on the test rows',
          (next) => set({ job: next }),
          (hooks) => ask('evaluate', null, hooks),
        );
        if (get().run?.id === run.id) set({ evaluation });
      } catch (thrown) {
        set({ error: errorToShow(thrown) });
      }
    },
    predict: async (text, textPair) => {
      predictController?.abort();
      const controller = new AbortController();
      predictController = controller;
      try {
        const prediction = await ask('predict', { text, textPair }, { signal: controller.signal });
        if (predictController === controller) set({ prediction, error: null });
      } catch (thrown) {
        if (predictController === controller) set({ error: errorToShow(thrown) });
      }
    },
    setDraft: (draft) => set({ draft }),
    cellRows: (actual, predicted) => ask('cellRows', { actual, predicted }),
    build: async (kind) => {
      const { run, job: busy } = get();
      if (!run || busy) return;
      set({ error: null, building: kind });
      try {
        const made = await runJob(
          'Building the file',
          (job) => set({ job }),
          (hooks) => ask('exportRun', { kind }, hooks),
        );
        if (get().run?.id === run.id)
          set({ exports: { ...get().exports, [kind]: { ...made, url: URL.createObjectURL(made.blob) } } });
      } catch (thrown) {
        set({ error: errorToShow(thrown) });
      } finally {
        set({ building: null });
      }
    },
    show: (run) => {
      releaseExports();
      set({ ...NOTHING, run, evaluation: run.evaluation });
      rememberSession({ runId: run.id });
    },
    putAside: () => {
      predictController?.abort();
      predictController = null;
      releaseExports();
      set(NOTHING);
      rememberSession({ runId: null });
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
