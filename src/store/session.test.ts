/** The kept session comes back whole, and anything else than a session does no harm. */
import { describe, expect, it } from 'vitest';
import { MapStorage } from './fakes';
import { createSession, EMPTY_SESSION, parseSession, type Session } from './session';

const session: Session = {
  version: 2,
  hubUrl: 'https://hub.example',
  backendOverride: 'wasm',
  checkpointSeconds: 30,
  keepAwake: true,
  datasetId: 'd1',
  modelSource: { kind: 'hub', id: 'a/b', revision: 'c0ffee' },
  runId: null,
  method: 'lora',
  changes: {
    'classify.full': { epochs: 5 },
    'classify.lora': { lora: { rank: 4, targetModules: ['query'] } },
    'classify.head': { dropout: null },
    'answer.lora': { template: 'alpaca', packing: true },
    'prefer.full': { beta: 0.2 },
  },
};

/** As the first version kept it, to the letter. */
const FIRST =
  '{"hubUrl":"https://hub.example","backendOverride":"wasm","checkpointSeconds":30,"keepAwake":true,' +
  '"datasetId":"d1","modelSource":{"kind":"hub","id":"a/b","revision":"c0ffee"},"runId":null,"method":"lora",' +
  '"changes":{"full":{"epochs":5},"lora":{"lora":{"rank":4,"targetModules":["query"]}},' +
  '"head":{"dropout":null,"classWeights":"balanced"},' +
  '"language-lora":{"template":"alpaca","packing":true,"beta":0.2,"learningRate":0.002,"lora":{"rank":2}},' +
  '"language-full":{"gradientCheckpointing":true,"labelSmoothing":0.1}}}';
/** From before there were models that write. */
const OLDEST =
  '{"hubUrl":"https://huggingface.co","backendOverride":null,"datasetId":null,"modelSource":null,"runId":"r1",' +
  '"method":"full","changes":{"full":{"seed":7},"lora":{},"head":{}}}';

describe('parseSession', () => {
  it('brings back what was kept', () => {
    expect(parseSession(JSON.stringify(session))).toEqual(session);
  });

  it.each([
    '',
    'not json',
    '[]',
    '{"hubUrl": 3}',
    JSON.stringify({ ...session, method: 'magic' }),
    JSON.stringify({ ...session, modelSource: { kind: 'hub' } }),
  ])('falls back to an empty session for %j', (text) => {
    expect(parseSession(text)).toEqual(EMPTY_SESSION);
  });

  it('brings back what the first version kept: what models that write shared counts for each of their lessons', () => {
    expect(parseSession(FIRST)).toEqual({
      ...session,
      changes: {
        'classify.full': { epochs: 5 },
        'classify.lora': { lora: { rank: 4, targetModules: ['query'] } },
        'classify.head': { dropout: null, classWeights: 'balanced' },
        'answer.lora': { template: 'alpaca', packing: true, learningRate: 0.002, lora: { rank: 2 } },
        'prefer.lora': { template: 'alpaca', beta: 0.2, learningRate: 0.002, lora: { rank: 2 } },
        'answer.full': { gradientCheckpointing: true },
        'prefer.full': { gradientCheckpointing: true, labelSmoothing: 0.1 },
      },
    });
  });

  it('brings back what was kept before there were all settings of today', () => {
    expect(parseSession(OLDEST)).toEqual({
      ...EMPTY_SESSION,
      runId: 'r1',
      method: 'full',
      changes: { 'classify.full': { seed: 7 }, 'classify.lora': {}, 'classify.head': {} },
    });
  });

  it('knows that nothing was kept', () => {
    expect(parseSession(null)).toEqual(EMPTY_SESSION);
  });
});

describe('createSession', () => {
  it('keeps parts, leaves out a number that is being typed, and keeps nothing when another tab writes', () => {
    const storage = new MapStorage();
    const kept = createSession({ storage });
    kept.remember({ datasetId: 'd1', changes: { 'classify.full': { epochs: NaN, seed: 3 } } });
    expect(createSession({ storage }).read()).toMatchObject({
      datasetId: 'd1',
      changes: { 'classify.full': { seed: 3 } },
    });
    kept.onlyRead();
    kept.remember({ datasetId: 'd2' });
    expect(kept.read().datasetId).toBe('d1');
    kept.forget();
    expect([storage.length, kept.bytes()]).toEqual([0, 0]);
  });

  it('does without a browser that keeps anything', () => {
    const kept = createSession({ storage: null });
    kept.remember({ datasetId: 'd1' });
    expect(kept.read()).toEqual(EMPTY_SESSION);
  });
});
