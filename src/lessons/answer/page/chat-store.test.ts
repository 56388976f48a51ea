/** A talk: both models in turn, stopped, corrected, and gone with its run. */
import { describe, expect, it } from 'vitest';
import { must } from '../../../base/assert';
import { greedy } from '../../../domain/generation';
import type { RunSummary } from '../../../domain/run';
import { fakeBrowser, fakeWorker } from '../../../store/fakes';
import { makeStore } from '../../../store/make-store';
import kept from '../../../testing/kept/v1/local-storage.json';
import { correctionsSchema, createChat } from './chat-store';

// What the talk knows of a run is its model.
const runOf = (id: string): RunSummary =>
  ({
    id,
    evaluation: null,
    model: { maxPositions: 64, writing: { generation: greedy(500) } },
  }) as unknown as RunSummary;
const answer = (text: string) => ({ text, tokens: 3, ended: 'stopped', dropped: 0 });
/** Lets what has been answered be taken. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

function given() {
  const worker = fakeWorker({});
  const browser = fakeBrowser();
  const store = makeStore({ ask: worker.ask, browser });
  store.results.getState().show(runOf('r1'));
  const chat = createChat(store);
  /** What is asked of the run just now. */
  const asked = () => {
    const { params, options, answer, fail } = worker.pending('askRun');
    return { asked: params as unknown, options, answer, fail };
  };
  return { store, chat, asked, browser };
}

describe('a talk', () => {
  it('is with the fine-tuned model first, then with the base model, each with its own history', async () => {
    const { chat, asked, store } = given();
    const { ask, setSystem } = chat.getState();
    setSystem(' Be brief. ');
    const first = ask('Who?', false);
    expect(asked().asked).toMatchObject({
      what: 'answer',
      params: {
        side: 'after',
        settings: { maxNewTokens: 64 },
        from: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Who?' },
        ],
      },
    });
    asked().options.onText?.('A');
    expect(chat.getState().exchanges[0]?.after).toEqual({ text: 'A', result: null, cut: false });
    asked().answer(answer('A cat'));
    await settled();
    expect([chat.getState().writing, asked().asked]).toMatchObject(['before', { params: { side: 'before' } }]);
    asked().answer(answer('A dog'));
    await first;
    expect(chat.getState()).toMatchObject({ writing: null, error: null });
    expect(store.ui.getState().announcement).toBe('The fine-tuned model says: A cat');

    void ask('And?', false);
    expect(asked().asked).toMatchObject({ params: { from: [{}, {}, { content: 'A cat' }, { content: 'And?' }] } });
  });

  it('is stopped where it is, and the other side is not asked', async () => {
    const { chat, asked } = given();
    const talk = chat.getState().ask('Once upon', true);
    expect(asked().asked).toMatchObject({ params: { from: 'Once upon' } });
    asked().options.onText?.(' a time');
    chat.getState().stop();
    await talk;
    expect(chat.getState()).toMatchObject({
      writing: null,
      error: null,
      exchanges: [{ after: { text: ' a time', cut: true }, before: { text: '', cut: false } }],
    });
  });

  it('is cleared with its run, what is typed included; corrections stay', async () => {
    const { chat, asked, store, browser } = given();
    const talk = chat.getState().ask('Who?', false);
    asked().answer(answer('A cat'));
    await settled();
    asked().answer(answer('A dog'));
    await talk;
    chat.getState().correct(0, 'A cow');
    chat.getState().setDraft('And');
    const correction = { prompt: [{ role: 'user', content: 'Who?' }], chosen: 'A cow', rejected: 'A cat' };
    expect(chat.getState()).toMatchObject({ exchanges: [{ corrected: 'A cow' }], corrections: [correction] });
    expect(JSON.parse(must(browser.storage.getItem('tabtune.corrections')))).toEqual([correction]);

    store.results.getState().show({ ...runOf('r1'), name: 'Renamed' });
    expect(chat.getState().exchanges).toHaveLength(1);
    store.results.getState().show(runOf('r2'));
    expect(chat.getState()).toMatchObject({ exchanges: [], draft: '', corrections: [correction] });
    expect(createChat(store).getState().corrections).toEqual([correction]);
    chat.getState().saveCorrections();
    expect(browser.asked).toEqual(['download corrections.jsonl']);
  });
});

it('corrections that version 0.1.0 left in localStorage are read whole', () => {
  const corrections: unknown = JSON.parse(kept['tabtune.corrections']);
  expect(correctionsSchema.parse(corrections)).toEqual(corrections);
  expect(corrections).toHaveLength(2);
});
