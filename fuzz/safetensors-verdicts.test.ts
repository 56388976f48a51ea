/**
 * Our safetensors reader and the official one take and refuse the same files: about 1,400 small ones, with the verdicts
 * recorded from Python.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TabtuneError } from '../src/base/errors';
import { readSafetensors } from '../src/formats/safetensors';

const lines = readFileSync(join(import.meta.dirname, 'fixtures', 'safetensors-verdicts.jsonl'), 'utf8')
  .trim()
  .split('\n');
const verdicts = lines.map((line) => JSON.parse(line) as [boolean, string]);

/**
 * Where ours is stricter on purpose: a name or key that occurs twice (two readers may then see two files), a tensor
 * written as a list (the format says object), sizes that no double holds, and types of the format that are of no use
 * here.
 */
const STRICTER = /occurs twice|is not an object|has no valid shape|which is not supported/;

/** Null when ours takes the file, else its refusal. */
function refusal(bytes: Uint8Array): string | null {
  try {
    readSafetensors(bytes, 'model.safetensors');
    return null;
  } catch (error) {
    if (!(error instanceof TabtuneError)) throw error;
    return error.message;
  }
}

const shown = (base64: string): string =>
  JSON.stringify(Buffer.from(base64, 'base64').subarray(0, 200).toString('latin1'));

it('takes nothing that the official reader refuses', () => {
  const wrong = verdicts.filter(([accepted, base64]) => !accepted && refusal(Buffer.from(base64, 'base64')) === null);
  expect(wrong.map(([, base64]) => shown(base64))).toEqual([]);
});

it('takes what the official reader takes, but for what it is stricter about', () => {
  const refused = verdicts.flatMap(([accepted, base64]) => {
    const reason = accepted ? refusal(Buffer.from(base64, 'base64')) : null;
    return reason === null ? [] : [{ reason, file: shown(base64) }];
  });
  expect(refused.filter(({ reason }) => !STRICTER.test(reason))).toEqual([]);
});

it('has enough files of both kinds', () => {
  const accepted = verdicts.filter(([verdict]) => verdict).length;
  expect(accepted).toBeGreaterThan(200);
  expect(verdicts.length - accepted).toBeGreaterThan(500);
});
