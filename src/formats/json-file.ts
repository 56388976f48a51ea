/** Reads small JSON files of a model folder with errors that name the file. */
import { TabtuneError } from '../base/errors';
import { isObject } from '../base/json';

/** Decodes UTF-8 (a byte order mark is dropped). Throws `bad-model` when it is not UTF-8. */
export function decodeText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new TabtuneError('bad-model', `${file} is not UTF-8 text.`, {
      place: { file },
      fix: 'Download or export the file again.',
      cause,
    });
  }
}

/** Parses a JSON object; throws `bad-model` naming the file for anything else. */
export function parseJsonObject(bytes: Uint8Array, file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(decodeText(bytes, file));
  } catch (cause) {
    if (cause instanceof TabtuneError) throw cause;
    throw new TabtuneError(
      'bad-model',
      `${file} is not valid JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      { place: { file }, fix: 'Download or export the file again.', cause },
    );
  }
  if (!isObject(value)) throw new TabtuneError('bad-model', `${file} must hold a JSON object.`, { place: { file } });
  return value;
}

/** Pretty JSON as bytes, with a final line break. */
export function jsonBytes(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}
