/** The app's words for the field's terms: what a person reads first, and the exact term for the tooltip. */
import type { LanguageLayout, LanguageRole, RowProblem } from '../domain/dataset';
import type { Method } from '../domain/training-config';
import type { AnyTask } from '../domain/task';
import type { TemplateChoice } from '../domain/language-config';
import type { StopReason } from '../domain/run';

interface Words {
  name: string;
  about: string;
}

export const TASK_WORDS: Record<AnyTask, Words> = {
  'single-label': { name: 'One label per text', about: 'Text classification: each text belongs to exactly one class.' },
  'multi-label': {
    name: 'Several labels per text',
    about: 'Multi-label classification: each label is decided by itself.',
  },
  regression: { name: 'A number per text', about: 'Regression: the model predicts a number, such as a score.' },
  chat: {
    name: 'Answers',
    about: 'Supervised fine-tuning: the model learns to write the answers, or to go on with the texts.',
  },
  preference: {
    name: 'Preferences',
    about: 'Direct preference optimization (DPO): of two answers the model learns to prefer the better one.',
  },
};

export const LAYOUT_WORDS: Record<LanguageLayout, string> = {
  prompt: 'A question and its answer, in columns of their own',
  messages: 'Whole conversations in one column',
  text: 'Texts to learn to continue',
  pair: 'A better and a worse answer',
};

export const ROLE_NAMES: Record<LanguageRole, Words> = {
  messages: { name: 'Conversation', about: 'A list of turns, each with its role.' },
  system: { name: 'System prompt', about: 'What the assistant is told first.' },
  prompt: { name: 'Question', about: 'What the model is asked.' },
  input: { name: 'More of the question', about: 'Put below the question, as Alpaca does.' },
  answer: { name: 'Answer', about: 'What the model should write.' },
  text: { name: 'Text', about: 'What the model learns to continue.' },
  chosen: { name: 'Better answer', about: 'What the model should rather say.' },
  rejected: { name: 'Worse answer', about: 'What it should rather not say.' },
};

export const TEMPLATE_WORDS: Record<TemplateChoice, string> = {
  own: 'The model’s own',
  chatml: 'ChatML',
  'llama-3': 'Llama 3',
  'llama-2': 'Llama 2',
  alpaca: 'Alpaca',
  plain: 'Plain',
};

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

/** The same methods where the model writes. */
export const LANGUAGE_METHOD_WORDS: Record<'lora' | 'full', Words & { term: string }> = {
  lora: {
    name: METHOD_WORDS.lora.name,
    about:
      'Small add-on matrices inside the model learn. Close to the full result, with a small file; the ' +
      'model’s other skills are kept best.',
    term: 'LoRA: low-rank adapters on linear layers.',
  },
  full: METHOD_WORDS.full,
};

export const PROBLEM_WORDS: Record<RowProblem, string> = {
  'empty-text': 'empty text',
  'empty-pair': 'empty second text',
  'missing-label': 'no label',
  'bad-label': 'unreadable label',
  ragged: 'wrong number of cells',
  malformed: 'malformed',
  'unknown-split': 'unknown split name',
  'empty-prompt': 'empty question',
  'empty-answer': 'empty answer',
  'bad-messages': 'unreadable messages',
  'bad-roles': 'roles out of order',
  'equal-sides': 'equal answers',
};

export const REASON_WORDS: Record<StopReason, string> = {
  completed: 'ran to its end',
  stopped: 'was stopped by you; what it learned is kept',
  'early-stopping': 'stopped early: there was no more progress on the validation rows',
  'bad-numbers': 'ended at the last good step; what was learned up to it is kept',
};
