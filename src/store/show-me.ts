/** "Show me": takes a sample through to a real result, with a plain sentence at every stage. */
import { create } from 'zustand';
import { EMBEDDED_MODELS, SAMPLES } from './catalogue';
import type { DataSlice } from './data';
import { effectiveConfig } from './effective-config';
import type { ModelSlice } from './model';
import type { Browser } from './outside';
import type { ResultsSlice } from './results';
import type { StepName } from './routes';
import type { TrainingSlice } from './training';
import type { UiSlice } from './ui';

/** How long a sentence stays in view before the next stage begins. */
const READING_MS = 5000;

interface ShowMeState {
  /** The sentence in view, or null when the tour is not running. */
  sentence: string | null;
  /** Stage from 1 to `stages`. */
  stage: number;
  stages: number;
  done: boolean;
  start: () => Promise<void>;
  stop: () => void;
}

interface Parts {
  browser: Browser;
  data: DataSlice;
  model: ModelSlice;
  results: ResultsSlice;
  training: TrainingSlice;
  ui: UiSlice;
}

type Say = (stage: number, step: StepName, sentence: string) => Promise<boolean>;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const createShowMe = (parts: Parts) =>
  create<ShowMeState>()((set) => {
    const { browser, data, model, training, ui } = parts;
    /** Grows with every tour, so that a stopped one notices. */
    let tour = 0;
    return {
      sentence: null,
      stage: 0,
      stages: 5,
      done: false,
      start: async () => {
        const mine = ++tour;
        const say: Say = async (stage, step, sentence) => {
          if (mine !== tour) return false;
          browser.go(step);
          set({ sentence, stage, done: false });
          ui.getState().announce(sentence);
          await pause(READING_MS);
          return mine === tour;
        };
        const finished = await runTour(say, parts);
        if (mine !== tour) return;
        if (finished) set({ done: true });
        else set({ sentence: null });
      },
      stop: () => {
        tour++;
        training.getState().cancel();
        data.getState().job?.cancel();
        model.getState().job?.cancel();
        set({ sentence: null, done: false });
      },
    };
  });

/** The stages, each with its real work; false when one failed (its panel shows the error) or the tour was stopped. */
async function runTour(say: Say, { data, model, results, training }: Parts): Promise<boolean> {
  const sample = SAMPLES.find(({ tour }) => tour);
  const base = EMBEDDED_MODELS[0];
  if (!sample || !base) return false;
  const opening = data.getState().open({ kind: 'sample', id: sample.id });
  if (
    !(await say(
      1,
      'data',
      `These are ${sample.rows} real examples: a text, and the label a person gave it. A tenth is put ` +
        'aside, so that the result can be tested fairly.',
    ))
  )
    return false;
  if (!(await opening)) return false;

  const loading = model.getState().load({ kind: 'embedded', id: base.id });
  if (
    !(await say(
      2,
      'model',
      `This model has read a great deal of text, but knows nothing of these labels. Fine-tuning teaches it yours.`,
    ))
  )
    return false;
  if (!(await loading)) return false;

  training.getState().setMethod('head');
  const { changes } = training.getState();
  const effective = effectiveConfig('head', changes, data.getState().info, model.getState().info);
  if (!effective) return false;
  const trained = training.getState().start(effective.config);
  if (
    !(await say(
      3,
      'train',
      'Now it learns, on this device. The loss is how wrong it still is: watch it fall, and watch its answers change.',
    ))
  )
    return false;
  if (!(await trained)) return false;

  if (
    !(await say(
      4,
      'evaluate',
      'These rows were never seen in training. On the left the guess without training, on the right the ' +
        'fine-tuned model.',
    ))
  )
    return false;
  await results.getState().evaluate();
  return say(
    5,
    'try',
    'Your turn: type a text of your own and compare the answers before and after. Under Export you can ' +
      'take the model with you.',
  );
}
