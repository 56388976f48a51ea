/** What version 0.1.0 left in localStorage is read whole: settings and measured kernels. */
import { describe, expect, it } from 'vitest';
import text from '../testing/kept/v1/local-storage.json?raw';
import { parseSession } from './session';
import { tuningSchema } from './tuning';

const kept = JSON.parse(text) as Record<string, string>;
const left = (key: string): string => kept[key] ?? '';
const parsed = (key: string): unknown => JSON.parse(left(key));

describe('localStorage as version 0.1.0 left it', () => {
  it('brings back the session with the changes of every method, those for writing for both lessons that write', () => {
    const { changes, ...rest } = parsed('tabtune.session') as { changes: Record<string, Record<string, unknown>> };
    const session = parseSession(left('tabtune.session'));
    expect(session).toMatchObject({ ...rest, version: 2 });
    for (const [then, now] of [
      ['full', 'classify.full'],
      ['lora', 'classify.lora'],
      ['head', 'classify.head'],
    ] as const)
      expect(session.changes[now]).toEqual(changes[then]);
    // Settings that a lesson does not have are none of its changes.
    const { beta, labelSmoothing, packing, ...shared } = changes['language-lora'] ?? {};
    delete shared['classWeights'];
    expect(session.changes['answer.lora']).toEqual({ ...shared, packing });
    expect(session.changes['prefer.lora']).toEqual({ ...shared, beta, labelSmoothing });
    expect(Object.keys(session.changes)).toHaveLength(7);
  });

  it('brings back measured kernels', () => {
    expect(tuningSchema.parse(parsed('tabtune.tuning'))).toEqual(parsed('tabtune.tuning'));
  });
});
