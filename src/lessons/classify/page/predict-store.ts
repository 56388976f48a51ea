/** What is typed under Try it, and the answers before and after; leaving the step loses nothing. */
import { create } from 'zustand';
import type { PlainError } from '../../../base/errors';
import type { Store } from '../../../store';
import { errorToShow } from '../../../store/jobs';
import { predictResultSchema, type PredictionPair } from '../shared/asked';

interface PredictState {
  draft: { text: string; pair: string };
  prediction: PredictionPair | null;
  error: PlainError | null;
  setDraft: (draft: { text: string; pair: string }) => void;
  /** A newer question takes the place of one that is not answered yet. */
  predict: (text: string, textPair: string | null) => Promise<void>;
}

const NOTHING = { draft: { text: '', pair: '' }, prediction: null, error: null };

export const createPredict = ({ results }: Pick<Store, 'results'>) =>
  create<PredictState>()((set) => {
    let controller: AbortController | null = null;
    // Another run, or none: what was said was said of the one before.
    results.subscribe((now, before) => {
      if (now.run?.id === before.run?.id) return;
      controller?.abort();
      controller = null;
      set(NOTHING);
    });
    return {
      ...NOTHING,
      setDraft: (draft) => set({ draft }),
      predict: async (text, textPair) => {
        controller?.abort();
        const mine = new AbortController();
        controller = mine;
        try {
          const answered = await results.getState().askRun('predict', { text, textPair }, { signal: mine.signal });
          if (controller === mine) set({ prediction: predictResultSchema.parse(answered), error: null });
        } catch (thrown) {
          if (controller === mine) set({ error: errorToShow(thrown) });
        }
      },
    };
  });
