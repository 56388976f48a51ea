/** What was measured of GPU kernels on this browser's adapters. */
import * as z from 'zod/mini';
import { create } from 'zustand';
import { withTuning, type AdapterTuning, type TuningSettings } from '../domain/tuning';
import type { Ask } from './outside';
import type { KeptSession } from './session';

interface TuningState {
  settings: TuningSettings;
  /** Keeps what a run has measured; the worker knows it. */
  keep: (tuning: AdapterTuning) => void;
  /** The next run measures again. */
  forget: () => Promise<void>;
  measureOnSoftware: (software: boolean) => Promise<void>;
}

export const tuningSchema = z.object({
  software: z.boolean(),
  known: z.array(
    z.object({
      adapter: z.string(),
      workloads: z.array(z.string()),
      products: z.array(
        z.object({
          product: z.string(),
          kernel: z.string(),
          rate: z.number(),
          usual: z.string(),
          usualRate: z.number(),
        }),
      ),
    }),
  ),
});

export type TuningSlice = ReturnType<typeof createTuning>;

export function createTuning({ ask, session }: { ask: Ask; session: KeptSession }) {
  const kept = session.entry<TuningSettings>('tabtune.tuning', tuningSchema, { known: [], software: false });
  return create<TuningState>()((set, get) => {
    const change = async (parts: Partial<TuningSettings>): Promise<void> => {
      const settings = { ...get().settings, ...parts };
      set({ settings });
      kept.remember(settings);
      await ask('setTuning', settings);
    };
    return {
      settings: kept.read(),
      keep: (tuning) => {
        const settings = { ...get().settings, known: withTuning(get().settings.known, tuning) };
        set({ settings });
        kept.remember(settings);
      },
      forget: () => change({ known: [] }),
      measureOnSoftware: (software) => change({ software }),
    };
  });
}
