/** The app's words for the field's terms: what a person reads first, and the exact term for the tooltip. */
import type { Method } from '../domain/training-config';
import type { StopReason } from '../domain/run';

interface Words {
  name: string;
  about: string;
}

export const METHOD_WORDS: Record<Method, Words & { term: string }> = {
  head: {
    name: 'Quick',
    about: 'The model stays as it is; only a small layer on top learns. Done in seconds.',
    term: 'A linear head on mean-pooled features; the body is frozen and its features are computed once.',
  },
  lora: {
    name: 'Balanced',
    about: 'Small add-on matrices inside the model learn. Close to the full result, with a small file.',
    term: 'LoRA: low-rank adapters on linear layers, trained with the classifier and pooler.',
  },
  full: {
    name: 'Thorough',
    about: 'Every weight learns. The best result, and the slowest.',
    term: 'Full fine-tuning of all weights.',
  },
};

export const REASON_WORDS: Record<StopReason, string> = {
  completed: 'ran to its end',
  stopped: 'was stopped by you; what it learned is kept',
  'early-stopping': 'stopped early: there was no more progress on the validation rows',
  'bad-numbers': 'ended at the last good step; what was learned up to it is kept',
};
