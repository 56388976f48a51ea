/** The training run in view: its settings, its state, and everything it reports while it learns. */
import { create } from 'zustand';
import type { PlainError } from '../base/errors';
import { isBusy, type StepRecord, type StopReason, type TrainEvent, type ValidationRecord } from '../domain/run';
import type { LanguageConfig } from '../domain/language-config';
import { smallerBatch, type Method, type TrainingConfig } from '../domain/training-config';
import type { RequestOptions } from '../worker/link/client';
import type { MemoryEstimate, TrainResult } from '../worker/link/protocol';
import { ask } from './connection';
import { useData } from './data';
import { useModel } from './model';
import { errorToShow } from './jobs';
import { useResults } from './results';
import { settingsKey } from './effective-config';
import { readSession, rememberSession, type ConfigChanges, type SettingsKey } from './session';
import { askToPersist, holdScreen } from './safety';
import { applyEvent, type RunState } from './run-state';
import { useTuning } from './tuning';
import { useUi } from './ui';
import { useUnfinished } from './unfinished';

/** Records arrive faster than a page needs to be drawn; they are shown in batches this far apart. */
const FLUSH_MS = 150;

interface TrainingState extends RunState {
  method: Method;
  /** The person's own changes to the defaults. */
  changes: Record<SettingsKey, ConfigChanges>;
  error: PlainError | null;
  /** Why the finished run could not be kept in this browser; it can still be exported. */
  unsaved: PlainError | null;
  estimate: MemoryEstimate | null;
  /** The settings of the run in view; null before there is one, and for a kept one. */
  ran: TrainingConfig | null;
  setMethod: (method: Method) => void;
  change: (changes: ConfigChanges) => void;
  resetChanges: () => void;
  estimateFor: (config: TrainingConfig | LanguageConfig) => Promise<void>;
  start: (config: TrainingConfig | LanguageConfig) => Promise<boolean>;
  /** Begins the run again with the same rows a step, but fewer of them at once. */
  startSmaller: () => Promise<boolean>;
  /** Goes on with an unfinished run from its last checkpoint. */
  resumeRun: (id: string) => Promise<boolean>;
  pause: () => Promise<void>;
  resume: () => Promise<void>;
  stopAndKeep: () => Promise<void>;
  cancel: () => void;
  /** Shows the curves of a kept run. */
  adopt: (steps: StepRecord[], validations: ValidationRecord[], reason: StopReason) => void;
}

const FRESH = {
  phase: null,
  steps: [],
  validations: [],
  watched: null,
  samples: null,
  reason: null,
  checkpoint: null,
  gpuLoss: null,
  recording: null,
  error: null,
  unsaved: null,
  ran: null,
};
let running: AbortController | null = null;

export const useTraining = create<TrainingState>()((set, get) => {
  let waiting: TrainEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;

  const flush = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const events = waiting;
    waiting = [];
    if (events.length) set((state) => events.reduce<RunState>(applyEvent, state));
  };
  const receive = (event: TrainEvent): void => {
    if (event.type === 'tuned') useTuning.getState().keep(event.tuning);
    waiting.push(event);
    timer ??= setTimeout(flush, FLUSH_MS);
  };
  /** Sees a run through from the request to its result; true when it was trained. */
  const follow = async (request: (options: RequestOptions) => Promise<TrainResult>): Promise<boolean> => {
    if (isBusy(get().status)) return false;
    useResults.getState().putAside();
    running = new AbortController();
    set({ ...FRESH, status: 'preparing' });
    void askToPersist();
    void holdScreen(true);
    try {
      const { run, reason, problem, unsaved } = await request({ signal: running.signal, onTrainEvent: receive });
      flush();
      set({ status: 'finished', reason, phase: null, error: problem, unsaved });
      useResults.getState().show(run);
      useUi.getState().announce('Training has finished.');
      void useResults.getState().evaluate();
      return true;
    } catch (thrown) {
      flush();
      const error = errorToShow(thrown);
      set({ status: error ? 'failed' : 'cancelled', error, phase: null });
      return false;
    } finally {
      running = null;
      void holdScreen(false);
      void useUnfinished.getState().list();
    }
  };
  const steer = async (name: 'pause' | 'resume' | 'stopAndKeep'): Promise<void> => {
    try {
      await ask(name, null);
    } catch (thrown) {
      set({ error: errorToShow(thrown) });
    }
  };

  return {
    method: readSession().method,
    changes: readSession().changes,
    status: 'idle',
    ...FRESH,
    estimate: null,
    setMethod: (method) => {
      set({ method, estimate: null });
      rememberSession({ method });
    },
    change: (changed) => {
      const { method, changes } = get();
      const key = settingsKey(method, useModel.getState().info);
      const lora = { ...changes[key].lora, ...changed.lora };
      const next = {
        ...changes,
        [key]: { ...changes[key], ...changed, ...(Object.keys(lora).length ? { lora } : {}) },
      };
      set({ changes: next });
      rememberSession({ changes: next });
    },
    resetChanges: () => {
      const next = { ...get().changes, [settingsKey(get().method, useModel.getState().info)]: {} };
      set({ changes: next });
      rememberSession({ changes: next });
    },
    estimateFor: async (config) => {
      try {
        set({ estimate: await ask('estimate', config) });
      } catch (thrown) {
        set({ estimate: null, error: errorToShow(thrown) });
      }
    },
    start: (config) =>
      follow((options) => {
        set({ ran: config });
        return ask('train', { config, runName: runNameFor(config.method) }, options);
      }),
    startSmaller: async () => {
      const { ran } = get();
      const shape = ran && smallerBatch(ran);
      if (!shape) return false;
      get().change(shape);
      return get().start({ ...ran, ...shape });
    },
    resumeRun: (id) =>
      follow(async (options) => {
        const { start, dataset, model, modelSource } = await ask('openUnfinished', { id }, options);
        useData.getState().adopt(dataset);
        useModel.getState().adopt(model, modelSource);
        get().setMethod(start.config.method);
        set({ ran: start.config });
        return ask('resumeRun', { id }, options);
      }),
    pause: () => steer('pause'),
    resume: () => steer('resume'),
    stopAndKeep: async () => {
      set({ status: 'finishing' });
      await steer('stopAndKeep');
    },
    cancel: () => running?.abort(),
    adopt: (steps, validations, reason) => set({ ...FRESH, status: 'finished', steps, validations, reason }),
  };
});

const METHOD_NAMES: Record<Method, string> = { head: 'Quick', lora: 'Balanced', full: 'Thorough' };

// A run that is put aside takes its curves with it.
useResults.subscribe((now, before) => {
  if (before.run && !now.run && !isBusy(useTraining.getState().status))
    useTraining.setState({ ...FRESH, status: 'idle' });
});

function runNameFor(method: Method): string {
  return `${useData.getState().info?.name ?? 'data'} · ${METHOD_NAMES[method]}`;
}

/** A page that is hidden may be frozen or discarded at any time: what was learned so far is kept first. */
function keepBeforeHiding(): void {
  if (document.visibilityState === 'hidden' && isBusy(useTraining.getState().status))
    void ask('saveNow', null).catch(() => undefined);
}
document.addEventListener('visibilitychange', keepBeforeHiding);
document.addEventListener('freeze', keepBeforeHiding);
