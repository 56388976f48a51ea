/** The training run in view: its settings, its state, and everything it reports while it learns. */
import { create } from 'zustand';
import type { PlainError } from '../base/errors';
import { isBusy, type StepRecord, type StopReason, type TrainEvent, type ValidationRecord } from '../domain/run';
import { smallerBatch, type Method, type TrainingConfig } from '../domain/training-config';
import type { ConfigChanges } from '../lessons/settings';
import type { RequestOptions } from '../worker/link/client';
import type { MemoryEstimate, TrainResult } from '../worker/link/protocol';
import type { DataSlice } from './data';
import { settingsKey } from './effective-config';
import { errorToShow } from './jobs';
import type { ModelSlice } from './model';
import type { Ask } from './outside';
import type { ResultsSlice } from './results';
import { applyEvents, NO_RUN, type RunState } from './run-state';
import type { SafetySlice } from './safety';
import type { KeptSession, Session, SettingsKey } from './session';
import type { TuningSlice } from './tuning';
import type { UiSlice } from './ui';
import type { UnfinishedSlice } from './unfinished';

/** Records arrive faster than a page needs to be drawn; they are shown in batches this far apart. */
export const FLUSH_MS = 150;

interface TrainingState extends RunState {
  method: Method;
  /** The person's own changes to the defaults. */
  changes: Session['changes'];
  error: PlainError | null;
  /** Why the finished run could not be kept in this browser; it can still be exported. */
  unsaved: PlainError | null;
  estimate: MemoryEstimate | null;
  /** The settings of the run in view; null before there is one, and for a kept one. */
  ran: TrainingConfig | null;
  setMethod: (method: Method) => void;
  change: (changes: ConfigChanges) => void;
  resetChanges: () => void;
  estimateFor: (config: TrainingConfig) => Promise<void>;
  start: (config: TrainingConfig) => Promise<boolean>;
  /** Begins the run again with the same rows a step, but fewer of them at once. */
  startSmaller: () => Promise<boolean>;
  /** Goes on with an unfinished run from its last checkpoint. */
  resumeRun: (id: string) => Promise<boolean>;
  pause: () => Promise<void>;
  resume: () => Promise<void>;
  stopAndKeep: () => Promise<void>;
  cancel: () => void;
  /** Keeps the state of a run under way at once: the page may be frozen or discarded at any time. */
  keepNow: () => Promise<void>;
  /** The run in view was put aside, and takes its curves with it. */
  forget: () => void;
  /** Shows the curves of a kept run. */
  adopt: (steps: StepRecord[], validations: ValidationRecord[], reason: StopReason) => void;
}

const FRESH = { ...NO_RUN, error: null, unsaved: null, ran: null };

const METHOD_NAMES: Record<Method, string> = { head: 'Quick', lora: 'Balanced', full: 'Thorough' };

interface Parts {
  ask: Ask;
  session: KeptSession;
  data: DataSlice;
  model: ModelSlice;
  results: ResultsSlice;
  safety: SafetySlice;
  tuning: TuningSlice;
  ui: UiSlice;
  unfinished: UnfinishedSlice;
}

/** Gathers events and applies them in batches `FLUSH_MS` apart; `flush` applies those that wait at once. */
function batches(apply: (events: TrainEvent[]) => void, atOnce: (event: TrainEvent) => void) {
  let waiting: TrainEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const events = waiting;
    waiting = [];
    if (events.length) apply(events);
  };
  const receive = (event: TrainEvent): void => {
    atOnce(event);
    waiting.push(event);
    timer ??= setTimeout(flush, FLUSH_MS);
  };
  return { receive, flush };
}

export type TrainingSlice = ReturnType<typeof createTraining>;

type SetState = (changed: Partial<TrainingState>) => void;

/** The method and the changes of the next run, and what it would take. */
function settingsOfNext({ ask, session, data, model }: Parts, set: SetState, get: () => TrainingState) {
  /** Under which key the settings of the next run are kept. */
  const keyOfNext = (): SettingsKey | null => settingsKey(get().method, data.getState().info, model.getState().info);
  const keepChanges = (changes: Session['changes']): void => {
    set({ changes });
    session.remember({ changes });
  };

  return {
    setMethod: (method) => {
      set({ method, estimate: null });
      session.remember({ method });
    },
    change: (changed) => {
      const key = keyOfNext();
      if (!key) return;
      const { changes } = get();
      const lora = { ...changes[key]?.lora, ...changed.lora };
      keepChanges({
        ...changes,
        [key]: { ...changes[key], ...changed, ...(Object.keys(lora).length ? { lora } : {}) },
      });
    },
    resetChanges: () => {
      const key = keyOfNext();
      if (key) keepChanges({ ...get().changes, [key]: {} });
    },
    estimateFor: async (config) => {
      try {
        set({ estimate: await ask('estimate', config) });
      } catch (thrown) {
        set({ estimate: null, error: errorToShow(thrown) });
      }
    },
  } satisfies Partial<TrainingState>;
}

/** Tells the run under way to wait, to go on or to end. */
function steering(ask: Ask, set: SetState) {
  const steer = async (name: 'pause' | 'resume' | 'stopAndKeep'): Promise<void> => {
    try {
      await ask(name, null);
    } catch (thrown) {
      set({ error: errorToShow(thrown) });
    }
  };
  return {
    pause: () => steer('pause'),
    resume: () => steer('resume'),
    stopAndKeep: async () => {
      set({ status: 'finishing' });
      await steer('stopAndKeep');
    },
  } satisfies Partial<TrainingState>;
}

/** Follows the run that was asked for until it ends or is cancelled. */
function following({ results, safety, tuning, ui, unfinished }: Parts, set: SetState, get: () => TrainingState) {
  let running: AbortController | null = null;
  const { receive, flush } = batches(
    (events) => set(applyEvents(get(), events)),
    (event) => {
      if (event.type === 'tuned') tuning.getState().keep(event.tuning);
    },
  );
  /** Sees a run through from the request to its result; true when it was trained. */
  const follow = async (request: (options: RequestOptions) => Promise<TrainResult>): Promise<boolean> => {
    if (isBusy(get().status)) return false;
    results.getState().putAside();
    running = new AbortController();
    set({ ...FRESH, status: 'preparing' });
    void safety.getState().askToPersist();
    void safety.getState().holdScreen(true);
    try {
      const { run, reason, problem, unsaved } = await request({ signal: running.signal, onTrainEvent: receive });
      flush();
      set({ status: 'finished', reason, phase: null, error: problem, unsaved });
      results.getState().show(run);
      ui.getState().announce('Training has finished.');
      void results.getState().evaluate();
      return true;
    } catch (thrown) {
      flush();
      const error = errorToShow(thrown);
      set({ status: error ? 'failed' : 'cancelled', error, phase: null });
      return false;
    } finally {
      running = null;
      void safety.getState().holdScreen(false);
      void unfinished.getState().list();
    }
  };
  return { follow, cancel: () => running?.abort() };
}

export const createTraining = (parts: Parts) =>
  create<TrainingState>()((set, get) => {
    const { ask, session, data, model } = parts;
    const { follow, cancel } = following(parts, set, get);
    return {
      method: session.read().method,
      changes: session.read().changes,
      ...FRESH,
      estimate: null,
      ...settingsOfNext(parts, set, get),
      start: (config) =>
        follow((options) => {
          set({ ran: config });
          return ask(
            'train',
            { config, runName: `${data.getState().info?.name ?? 'data'} · ${METHOD_NAMES[config.method]}` },
            options,
          );
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
          const { start, dataset, model: base, modelSource } = await ask('openUnfinished', { id }, options);
          data.getState().adopt(dataset);
          model.getState().adopt(base, modelSource);
          get().setMethod(start.config.method);
          set({ ran: start.config });
          return ask('resumeRun', { id }, options);
        }),
      ...steering(parts.ask, set),
      cancel,
      keepNow: async () => {
        if (isBusy(get().status)) await ask('saveNow', null).catch(() => undefined);
      },
      forget: () => {
        if (!isBusy(get().status)) set({ ...FRESH, status: 'idle' });
      },
      adopt: (steps, validations, reason) => set({ ...FRESH, status: 'finished', steps, validations, reason }),
    };
  });
