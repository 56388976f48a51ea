/** What happens at the start: the worker wakes, and what was open before a reload is opened again. */
import { create } from 'zustand';
import { watchTraffic } from '../base/traffic';
import type { WorkerClient } from '../worker/link/client';
import type { DataSlice } from './data';
import type { DeviceSlice } from './device';
import { errorToShow } from './jobs';
import type { ModelSlice } from './model';
import type { OfflineSlice } from './offline';
import type { Ask, Browser } from './outside';
import type { ResultsSlice } from './results';
import type { SafetySlice } from './safety';
import type { KeptSession } from './session';
import type { TrainingSlice } from './training';
import type { UiSlice } from './ui';
import type { UnfinishedSlice } from './unfinished';

interface BootState {
  /** True while the last session is being opened again. */
  restoring: boolean;
  /** What could not be brought back, in a sentence. */
  lost: string | null;
  dismiss: () => void;
  /** Starts the worker and restores the session; called once, and again when the worker has died. */
  start: () => Promise<void>;
  /** Opens a kept run with its data set and model, and shows its curves; the error message when that fails. */
  openRun: (id: string) => Promise<string | null>;
}

interface Parts {
  ask: Ask;
  session: KeptSession;
  data: DataSlice;
  device: DeviceSlice;
  model: ModelSlice;
  offline: OfflineSlice;
  results: ResultsSlice;
  safety: SafetySlice;
  training: TrainingSlice;
  unfinished: UnfinishedSlice;
}

export const createBoot = (parts: Parts) =>
  create<BootState>()((set, get) => {
    const { ask, session, data, model, results } = parts;
    /** Whether the session before left something to open. */
    const hasPast = (): boolean => {
      const { datasetId, modelSource, runId } = session.read();
      return datasetId !== null || modelSource !== null || runId !== null;
    };
    const lose = (sentence: string): void =>
      set(({ lost }) => ({ lost: lost === null ? sentence : `${lost} ${sentence}` }));
    const restore = async (): Promise<void> => {
      const { datasetId, modelSource, runId } = session.read();
      if (runId !== null) {
        const failed = await get().openRun(runId);
        if (failed === null) return;
        lose(`The last run could not be opened again: ${failed}`);
        session.remember({ runId: null });
      }
      if (datasetId !== null && !(await data.getState().open({ kind: 'stored', id: datasetId }))) {
        const { error, clearError } = data.getState();
        lose(`The last data set could not be opened again: ${error?.message ?? 'it is gone.'}`);
        clearError();
        session.remember({ datasetId: null });
      }
      // The model comes last and shows its own progress: its panel need not wait.
      set({ restoring: false });
      if (modelSource !== null) await model.getState().load(modelSource);
    };
    return {
      restoring: hasPast(),
      lost: null,
      dismiss: () => set({ lost: null }),
      start: async () => {
        set({ restoring: hasPast(), lost: null });
        if (await parts.device.getState().start()) {
          await parts.safety.getState().check();
          void parts.unfinished.getState().list();
          await restore();
          await results.getState().list();
        }
        set({ restoring: false });
        void parts.offline.getState().begin();
      },
      openRun: async (id) => {
        try {
          const { run, dataset } = await ask('openRun', { id });
          data.getState().adopt(dataset);
          model.getState().adopt(run.model, run.modelSource);
          results.getState().show(run);
          parts.training.getState().adopt(run.steps, run.validations, run.reason);
          return null;
        } catch (thrown) {
          return errorToShow(thrown)?.message ?? null;
        }
      },
    };
  });

/** Has the slices follow each other. Returns how to stop it. */
export function follow({ results, training }: { results: ResultsSlice; training: TrainingSlice }): () => void {
  // A run that is put aside takes its curves with it.
  return results.subscribe((now, before) => {
    if (before.run && !now.run) training.getState().forget();
  });
}

/** Has the store follow the worker: what it counts, and its death. Returns how to stop it. */
export function hear(
  { data, device, model, results }: Pick<Parts, 'data' | 'device' | 'model' | 'results'>,
  connection: Pick<WorkerClient, 'onCrash' | 'onTraffic'>,
): () => void {
  const ends = [
    connection.onTraffic(({ sentBytes, receivedBytes }) => device.getState().count('worker', sentBytes, receivedBytes)),
    // A worker that died has lost its data set, model and run: the page must not show them as open.
    connection.onCrash((error) => {
      data.setState({ info: null, job: null });
      model.setState({ info: null, source: null, job: null });
      results.getState().lose();
      device.getState().fail(error.toPlain());
    }),
  ];
  return () => ends.forEach((end) => end());
}

/** Has the store follow the page: its address, whether it is seen, what its own requests move. Called once. */
export function watchPage(
  { device, safety, training, ui }: Pick<Parts, 'device' | 'safety' | 'training'> & { ui: UiSlice },
  browser: Browser,
): void {
  const arrive = (): void => ui.getState().arrive(browser.route());
  window.addEventListener('hashchange', arrive);
  // The address may have changed since the store was made.
  if (ui.getState().route !== browser.route()) arrive();
  const hidden = (): void => {
    if (document.visibilityState === 'hidden') void training.getState().keepNow();
    else void safety.getState().holdAgain();
  };
  document.addEventListener('visibilitychange', hidden);
  document.addEventListener('freeze', hidden);
  const own = { sent: 0, received: 0 };
  watchTraffic(window, (sent, received) => {
    own.sent += sent;
    own.received += received;
    device.getState().count('page', own.sent, own.received);
  });
}
