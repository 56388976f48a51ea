/** What version 0.1.0 left in localStorage is read whole: settings, corrections, measured kernels. */
import { describe, expect, it } from 'vitest';
import text from '../testing/kept/v1/local-storage.json?raw';
import { CORRECTIONS, EMPTY_SESSION, parseSession, TUNING } from './session';

const kept = JSON.parse(text) as Record<string, string>;
const left = (key: string): string => kept[key] ?? '';
const parsed = (key: string): unknown => JSON.parse(left(key));

describe('localStorage as version 0.1.0 left it', () => {
  it('brings back the session with the changes of every method', () => {
    const session = parseSession(left('tabtune.session'));
    expect(session).toEqual(parsed('tabtune.session'));
    expect(Object.keys(session.changes)).toEqual(Object.keys(EMPTY_SESSION.changes));
    for (const changes of Object.values(session.changes)) expect(changes).not.toEqual({});
  });

  it('brings back corrections and measured kernels', () => {
    expect(CORRECTIONS.parse(left('tabtune.corrections'))).toEqual(parsed('tabtune.corrections'));
    expect(CORRECTIONS.parse(left('tabtune.corrections'))).toHaveLength(2);
    expect(TUNING.parse(left('tabtune.tuning'))).toEqual(parsed('tabtune.tuning'));
    expect(TUNING.parse(left('tabtune.tuning')).known).toHaveLength(1);
  });
});
