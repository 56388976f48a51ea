/** What happens at the start: the worker wakes, and what was open before a reload is opened again. */
import { create } from 'zustand';
import { connection, ask } from './connection';
import { useData } from './data';
import { useDevice } from './device';
import { errorToShow } from './jobs';
import { useModel } from './model';
import { goOffline } from './offline';
import { useResults } from './results';
import { useSafety } from './safety';
import { readSession, rememberSession } from './session';
import { useTraining } from './training';
import { useUnfinished } from './unfinished';

interface BootState {
  /** True while the last session is being opened again. */
  restoring: boolean;
  /** What could not be brought back, in a sentence. */
  lost: string | null;
  dismiss: () => void;
}

/** Whether the session before left something to open. */
function hasPast(): boolean {
  const { datasetId, modelSource, runId } = readSession();
  return datasetId !== null || modelSource !== null || runId !== null;
}

export const useBoot = create<BootState>()((set) => ({
  restoring: hasPast(),
  lost: null,
  dismiss: () => set({ lost: null }),
}));

/** Opens a kept run with its data set and model, and shows its curves; the error message when that fails. */
export async function openRun(id: string): Promise<string | null> {
  try {
    const { run, dataset } = await ask('openRun', { id });
    useData.getState().adopt(dataset);
    useModel.getState().adopt(run.model, run.modelSource);
    useResults.getState().show(run);
    useTraining.getState().adopt(run.steps, run.validations, run.reason);
    return null;
  } catch (thrown) {
    return errorToShow(thrown)?.message ?? null;
  }
}

async function restore(): Promise<void> {
  const { datasetId, modelSource, runId } = readSession();
  if (runId !== null) {
    const failed = await openRun(runId);
    if (failed === null) return;
    useBoot.setState({ lost: `The last run could not be opened again: ${failed}` });
    rememberSession({ runId: null });
  }
  if (datasetId !== null && !(await useData.getState().open({ kind: 'stored', id: datasetId }))) {
    const { error, clearError } = useData.getState();
    useBoot.setState({ lost: `The last data set could not be opened again: ${error?.message ?? 'it is gone.'}` });
    clearError();
    rememberSession({ datasetId: null });
  }
  // The model comes last and shows its own progress: its panel need not wait.
  useBoot.setState({ restoring: false });
  if (modelSource !== null) await useModel.getState().load(modelSource);
}

/** Starts the worker and restores the session; called once, and again when the worker has died. */
export async function boot(): Promise<void> {
  useBoot.setState({ restoring: hasPast() });
  if (await useDevice.getState().start()) {
    await useSafety.getState().check();
    void useUnfinished.getState().list();
    await restore();
    await useResults.getState().list();
  }
  useBoot.setState({ restoring: false });
  void goOffline();
}

// A worker that died has lost its data set, model and run: the page must not show them as open.
connection.onCrash(() => {
  useData.setState({ info: null, job: null });
  useModel.setState({ info: null, source: null, job: null });
  useResults.setState({ run: null, evaluation: null, prediction: null, exports: {}, job: null, building: null });
});
