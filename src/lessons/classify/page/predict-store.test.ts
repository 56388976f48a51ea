/** What is said of a typed text: the newest text counts, and of the run in view. */
import { expect, it } from 'vitest';
import type { RunSummary } from '../../../domain/run';
import { fakeBrowser, fakeWorker } from '../../../store/fakes';
import { makeStore } from '../../../store/make-store';
import { createPredict } from './predict-store';

const pair = (after: number) => ({
  labels: ['a', 'b'],
  before: [0.5, 0.5],
  after: [after, 1 - after],
  beforeDescription: 'Without training.',
  truncated: false,
});

it('keeps the answer to the newest text, and nothing of another run', async () => {
  const worker = fakeWorker({});
  const store = makeStore({ ask: worker.ask, browser: fakeBrowser() });
  store.results.getState().show({ id: 'r1', evaluation: null } as unknown as RunSummary);
  const predict = createPredict(store);
  const first = predict.getState().predict('one', null);
  const older = worker.pending('askRun');
  const second = predict.getState().predict('one two', 'three');
  const { params, answer } = worker.pending('askRun');
  expect(params).toEqual({ what: 'predict', params: { text: 'one two', textPair: 'three' } });
  answer(pair(0.9));
  older.answer(pair(0.1));
  await Promise.all([first, second]);
  expect([older.options.signal?.aborted, predict.getState()]).toMatchObject([
    true,
    { prediction: pair(0.9), error: null },
  ]);

  predict.getState().setDraft({ text: 'one', pair: '' });
  store.results.getState().putAside();
  expect(predict.getState()).toMatchObject({ draft: { text: '', pair: '' }, prediction: null });
});
