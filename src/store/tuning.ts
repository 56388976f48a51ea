/** What was measured of GPU kernels on this browser's adapters. */
import { create } from 'zustand';
import { withTuning, type AdapterTuning, type TuningSettings } from '../domain/tuning';
import { ask } from './connection';
import { TUNING } from './session';

interface TuningState {
  settings: TuningSettings;
  /** Keeps what a run has measured; the worker knows it. */
  keep: (tuning: AdapterTuning) => void;
  /** The next run measures again. */
  forget: () => Promise<void>;
  measureOnSoftware: (software: boolean) => Promise<void>;
}

export const useTuning = create<TuningState>()((set, get) => {
  const change = async (parts: Partial<TuningSettings>): Promise<void> => {
    const settings = { ...get().settings, ...parts };
    set({ settings });
    TUNING.remember(settings);
    await ask('setTuning', settings);
  };
  return {
    settings: TUNING.read(),
    keep: (tuning) => {
      const settings = { ...get().settings, known: withTuning(get().settings.known, tuning) };
      set({ settings });
      TUNING.remember(settings);
    },
    forget: () => change({ known: [] }),
    measureOnSoftware: (software) => change({ software }),
  };
});
