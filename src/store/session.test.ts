/** The kept session comes back whole, and anything else than a session does no harm. */
import { describe, expect, it } from 'vitest';
import { EMPTY_SESSION, parseSession, type Session } from './session';

const session: Session = {
  hubUrl: 'https://hub.example',
  backendOverride: 'wasm',
  checkpointSeconds: 30,
  keepAwake: true,
  datasetId: 'd1',
  modelSource: { kind: 'hub', id: 'a/b', revision: 'c0ffee' },
  runId: null,
  method: 'lora',
  changes: {
    full: { epochs: 5 },
    lora: { lora: { rank: 4, targetModules: ['query'] } },
    head: { dropout: null },
    'language-lora': { template: 'alpaca', packing: true, beta: 0.2 },
    'language-full': {},
  },
};

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

  it('takes the defaults for settings that an earlier version did not have', () => {
    const { checkpointSeconds, keepAwake, ...earlier } = session;
    expect([checkpointSeconds, keepAwake]).toEqual([30, true]);
    expect(parseSession(JSON.stringify(earlier))).toEqual({ ...session, checkpointSeconds: 10, keepAwake: false });
    const { full, lora, head } = session.changes;
    expect(parseSession(JSON.stringify({ ...session, changes: { full, lora, head } })).changes).toEqual({
      full,
      lora,
      head,
      'language-lora': {},
      'language-full': {},
    });
  });

  it('knows that nothing was kept', () => {
    expect(parseSession(null)).toEqual(EMPTY_SESSION);
  });
});
