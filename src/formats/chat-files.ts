/**
 * What a model folder says about conversations, beside its tokenizer: the template in a file of its own and the
 * settings of generation.
 */
import { TabtuneError } from '../base/errors';
import type { FolderFile } from './folder';
import { decodeText, parseJsonObject } from './json-file';

export interface ChatFiles {
  /**
   * tokenizer_config.json, with special_tokens_map.json on top where the former is of an old version, as transformers
   * has it; older models keep their template in it.
   */
  settings: Record<string, unknown>;
  /** generation_config.json, or null. */
  generationConfig: Record<string, unknown> | null;
  /** chat_template.jinja, or null. */
  jinja: string | null;
}

/** The files that are read here. */
export const CHAT_FILES: readonly string[] = [
  'special_tokens_map.json',
  'tokenizer_config.json',
  'generation_config.json',
  'chat_template.jinja',
];

type Settings = Record<string, unknown> | null;

/** `added_tokens_decoder` came with the versions whose tokenizer_config.json says everything by itself. */
const settingsOf = (own: Settings, special: Settings): Record<string, unknown> =>
  own && own['added_tokens_decoder'] !== undefined ? own : { ...own, ...special };

/** No real one is near this size. */
const LONGEST_BYTES = 16 * 1024 * 1024;

/**
 * Reads what is there of `CHAT_FILES`, by bare names. Throws `bad-model` naming a file that is too large, no UTF-8 or
 * no JSON object.
 */
export async function readChatFiles(list: readonly FolderFile[]): Promise<ChatFiles> {
  const bytesOf = async (name: string): Promise<Uint8Array | null> => {
    const file = list.find(({ path }) => path === name);
    if (!file) return null;
    if (file.size > LONGEST_BYTES)
      throw new TabtuneError('bad-model', `${name} has ${file.size} bytes, which no such file has.`, {
        place: { file: name },
        fix: 'Download or export the file again.',
      });
    return file.bytes();
  };
  const json = async (name: string): Promise<Record<string, unknown> | null> => {
    const bytes = await bytesOf(name);
    return bytes && parseJsonObject(bytes, name);
  };
  const jinja = await bytesOf('chat_template.jinja');
  return {
    settings: settingsOf(await json('tokenizer_config.json'), await json('special_tokens_map.json')),
    generationConfig: await json('generation_config.json'),
    jinja: jinja && decodeText(jinja, 'chat_template.jinja'),
  };
}
