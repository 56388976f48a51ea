/** "Show me": takes a sample through to a real result, with a plain sentence at every stage. */
import { create } from 'zustand';
import { EMBEDDED_MODELS, SAMPLES } from './catalogue';
import { useData } from './data';
import { effectiveConfig } from './effective-config';
import { useModel } from './model';
import { useResults } from './results';
import { useTraining } from './training';
import { go, useUi } from './ui';
import type { StepName } from './routes';

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

/** Grows with every tour, so that a stopped one notices. */
let tour = 0;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const useShowMe = create<ShowMeState>()((set) => ({
  sentence: null,
  stage: 0,
  stages: 5,
  done: false,
  start: async () => {
    const mine = ++tour;
    const say = async (stage: number, step: StepName, sentence: string): Promise<boolean> => {
      if (mine !== tour) return false;
      go(step);
      set({ sentence, stage, done: false });
      useUi.getState().announce(sentence);
      await pause(READING_MS);
      return mine === tour;
    };
    const finished = await runTour(say);
    if (mine !== tour) return;
    if (finished) set({ done: true });
    else set({ sentence: null });
  },
  stop: () => {
    tour++;
    useTraining.getState().cancel();
    useData.getState().job?.cancel();
    useModel.getState().job?.cancel();
    set({ sentence: null, done: false });
  },
}));

/** The stages, each with its real work; false when one failed (its panel shows the error) or the tour was stopped. */
async function runTour(say: (stage: number, step: StepName, sentence: string) => Promise<boolean>): Promise<boolean> {
  const sample = SAMPLES.find((card) => card.task === 'single-label');
  const model = EMBEDDED_MODELS[0];
  if (!sample || !model) return false;
  const opening = useData.getState().open({ kind: 'sample', id: sample.id });
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

  const loading = useModel.getState().load({ kind: 'embedded', id: model.id });
  if (
    !(await say(
      2,
      'model',
      `This model has read a great deal of text, but knows nothing of these labels. Fine-tuning teaches it yours.`,
    ))
  )
    return false;
  if (!(await loading)) return false;

  useTraining.getState().setMethod('head');
  const { changes } = useTraining.getState();
  const effective = effectiveConfig('head', changes.head, useData.getState().info, useModel.getState().info);
  if (!effective) return false;
  const training = useTraining.getState().start(effective.config);
  if (
    !(await say(
      3,
      'train',
      'Now it learns, on this device. The loss is how wrong it still is: watch it fall, and watch its answers change.',
    ))
  )
    return false;
  if (!(await training)) return false;

  if (
    !(await say(
      4,
      'evaluate',
      'These rows were never seen in training. On the left the guess without training, on the right the ' +
        'fine-tuned model.',
    ))
  )
    return false;
  await useResults.getState().evaluate();
  return say(
    5,
    'try',
    'Your turn: type a text of your own and compare the answers before and after. Under Export you can ' +
      'take the model with you.',
  );
}
