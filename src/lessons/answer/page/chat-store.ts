/**
 * The talk with a model that writes: each question answered by the base model and by the fine-tuned one, and the
 * answers that were corrected.
 */
import * as z from 'zod/mini';
import { create } from 'zustand';
import type { PlainError } from '../../../base/errors';
import type { ChatMessage } from '../../../domain/conversation';
import { correctionsJsonl, type Correction } from '../../../domain/corrections';
import type { GenerationSettings } from '../../../domain/generation';
import type { ModelInfo } from '../../../domain/model';
import type { Store } from '../../../store';
import { errorToShow } from '../../../store/jobs';
import { answerResultSchema, type AnswerRequest, type AnswerResult } from '../shared/asked';
import { messagesSchema } from '../shared/schema';

export type Side = 'before' | 'after';

/** An answer as it stands; `result` is there once it has ended. */
export interface SideAnswer {
  text: string;
  result: AnswerResult | null;
  /** Ended by the person, or by an error, before its time. */
  cut: boolean;
}

export interface Exchange {
  question: string;
  before: SideAnswer;
  after: SideAnswer;
  /** What the fine-tuned model should have said, if a person has said so. */
  corrected: string | null;
}

interface ChatState {
  exchanges: Exchange[];
  /** What is typed; leaving the step loses nothing. */
  draft: string;
  system: string;
  /** The person's own settings for answers, or null for the model's. */
  settings: GenerationSettings | null;
  /** The side that is writing now. */
  writing: Side | null;
  error: PlainError | null;
  corrections: readonly Correction[];
  setDraft: (draft: string) => void;
  setSystem: (system: string) => void;
  setSettings: (settings: GenerationSettings | null) => void;
  /** @param continues whether the question is a text to be continued rather than a turn of a conversation */
  ask: (question: string, continues: boolean) => Promise<void>;
  stop: () => void;
  clear: () => void;
  correct: (place: number, chosen: string) => void;
  /** Gives them to the downloads. */
  saveCorrections: () => void;
  dropCorrections: () => void;
  /** Makes the taught model the base of the next run and opens the corrections as its preferences. */
  teachCorrections: () => Promise<void>;
}

/** Answers are kept this short at first: on modest hardware a token takes a fifth of a second. */
const FIRST_TOKENS = 128;
const NOTHING: SideAnswer = { text: '', result: null, cut: false };
const EMPTY = { exchanges: [], writing: null, error: null };

export const correctionsSchema = z.array(
  z.object({ prompt: messagesSchema, chosen: z.string(), rejected: z.string() }),
);

type Parts = Pick<Store, 'browser' | 'data' | 'model' | 'results' | 'session' | 'ui'>;

/** The store as its parts hold it. */
interface Hold {
  get: () => ChatState;
  set: (changed: Partial<ChatState>) => void;
}

const changeExchange = ({ get, set }: Hold, place: number, changed: Partial<Exchange>): void =>
  set({ exchanges: get().exchanges.map((exchange, at) => (at === place ? { ...exchange, ...changed } : exchange)) });

interface Turn {
  /** The exchange's place in the talk. */
  place: number;
  continues: boolean;
  signal: AbortSignal;
}

/** Has one side write; true when it came to its end. */
async function write(results: Parts['results'], hold: Hold, side: Side, turn: Turn): Promise<boolean> {
  const { get, set } = hold;
  const { place, continues, signal } = turn;
  const settings = settingsFor(results.getState().run?.model, get().settings);
  if (!settings) return false;
  set({ writing: side });
  let text = '';
  try {
    const question = get().exchanges[place]?.question ?? '';
    const asked: AnswerRequest = {
      from: continues ? question : history(get(), place, side),
      side,
      settings: { ...settings, stopStrings: [...settings.stopStrings] },
    };
    const answered = await results.getState().askRun('answer', asked, {
      signal,
      onText: (piece) => {
        text += piece;
        changeExchange(hold, place, { [side]: { text, result: null, cut: false } });
      },
    });
    const result = answerResultSchema.parse(answered);
    changeExchange(hold, place, { [side]: { text: result.text, result, cut: false } });
    return true;
  } catch (thrown) {
    changeExchange(hold, place, { [side]: { text, result: null, cut: true } });
    const error = errorToShow(thrown);
    if (error) set({ error });
    return false;
  }
}

/** Asking both models, one after the other, and ending that. */
function talk({ results, ui }: Parts, hold: Hold) {
  const { get, set } = hold;
  let controller: AbortController | null = null;
  return {
    ask: async (question, continues) => {
      if (get().writing) return;
      const mine = new AbortController();
      controller = mine;
      const turn = { place: get().exchanges.length, continues, signal: mine.signal };
      set({
        error: null,
        exchanges: [...get().exchanges, { question, before: NOTHING, after: NOTHING, corrected: null }],
      });
      // The fine-tuned model first: it is what a person waits for.
      if (await write(results, hold, 'after', turn)) await write(results, hold, 'before', turn);
      if (controller !== mine) return;
      controller = null;
      set({ writing: null });
      const said = get().exchanges[turn.place]?.after.text;
      if (said) ui.getState().announce(`The fine-tuned model says: ${said}`);
    },
    stop: () => controller?.abort(),
    clear: () => {
      controller?.abort();
      controller = null;
      set(EMPTY);
    },
  } satisfies Partial<ChatState>;
}

/** The corrections of answers that were not taught yet, and where they go. */
function correcting({ browser, data, model, session }: Parts, hold: Hold) {
  const { get, set } = hold;
  const kept = session.entry<Correction[]>('tabtune.corrections', correctionsSchema, []);
  return {
    corrections: kept.read(),
    correct: (place, chosen) => {
      const exchange = get().exchanges[place];
      if (!exchange) return;
      changeExchange(hold, place, { corrected: chosen });
      const corrections = [
        ...get().corrections,
        { prompt: history(get(), place, 'after'), chosen, rejected: exchange.after.text },
      ];
      set({ corrections });
      kept.remember(corrections);
    },
    saveCorrections: () =>
      browser.download(
        'corrections.jsonl',
        new Blob([correctionsJsonl(get().corrections)], { type: 'application/jsonl' }),
      ),
    dropCorrections: () => {
      set({ corrections: [] });
      kept.remember([]);
    },
    teachCorrections: async () => {
      const text = correctionsJsonl(get().corrections);
      browser.go('model');
      if (!(await model.getState().goOnFromRun())) return;
      browser.go('data');
      await data.getState().open({ kind: 'text', name: 'corrections.jsonl', text });
    },
  } satisfies Partial<ChatState>;
}

export const createChat = (parts: Parts) =>
  create<ChatState>()((set, get) => {
    // Another run, or none: the talk was with the one before.
    parts.results.subscribe((now, before) => {
      if (now.run?.id === before.run?.id) return;
      get().clear();
      set({ draft: '' });
    });
    return {
      ...EMPTY,
      draft: '',
      system: '',
      settings: null,
      setDraft: (draft) => set({ draft }),
      setSystem: (system) => set({ system }),
      setSettings: (settings) => set({ settings }),
      ...talk(parts, { get, set }),
      ...correcting(parts, { get, set }),
    };
  });

/** The conversation up to the question at `place`, with that side's own answers. */
function history(
  { exchanges, system }: Pick<ChatState, 'exchanges' | 'system'>,
  place: number,
  side: Side,
): ChatMessage[] {
  const messages: ChatMessage[] = system.trim() === '' ? [] : [{ role: 'system', content: system.trim() }];
  for (const exchange of exchanges.slice(0, place)) {
    const answer = exchange[side].text;
    // A turn without an answer would leave two questions in a row, which templates refuse.
    if (answer !== '')
      messages.push({ role: 'user', content: exchange.question }, { role: 'assistant', content: answer });
  }
  return [...messages, { role: 'user', content: exchanges[place]?.question ?? '' }];
}

/** The settings in force: the person's, else the model's own with shorter answers. Null without a model that writes. */
export function settingsFor(
  model: Pick<ModelInfo, 'writing' | 'maxPositions'> | undefined,
  own: GenerationSettings | null,
): GenerationSettings | null {
  if (!model?.writing) return null;
  return own ?? { ...model.writing.generation, maxNewTokens: Math.min(FIRST_TOKENS, model.maxPositions) };
}
