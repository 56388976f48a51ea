/** What the ways to a base model share: where things are, what was found, and reading an architecture. */
import { sha256Hex } from '../base/bytes';
import { TabtuneError } from '../base/errors';
import type { ModelSource } from '../domain/model';
import type { FolderFile } from '../formats/folder';
import { describeConfig } from '../formats/hf-folder';
import type { ModelCache } from './model-cache';

/** What the functions here need from outside. */
export interface HubContext {
  /** The folder that the app is served from, ending in a slash. */
  baseUrl: string;
  hubUrl: string;
  fetch: typeof fetch;
  cache: ModelCache;
}

export interface FetchOptions {
  signal?: AbortSignal;
  /** Bytes here so far, of all that are needed. */
  onProgress?: (doneBytes: number, totalBytes: number) => void;
}

/** A model's files, ready to be read. */
export interface FetchedModel {
  /** Where they came from; for the Hub with the branch or tag replaced by its commit. */
  source: ModelSource;
  name: string;
  licence: string | null;
  files: FolderFile[];
}

/** The first 32 hex digits of the text's SHA-256, to name a folder of the cache. */
export async function shortHash(text: string): Promise<string> {
  return (await sha256Hex(new TextEncoder().encode(text))).slice(0, 32);
}

/**
 * The architecture that a configuration names, and in words why it is not supported, or null. Throws `bad-model` for
 * figures that cannot be true.
 */
export function architectureOf(config: Readonly<Record<string, unknown>>): {
  architecture: string;
  unsupported: string | null;
} {
  const type = config['model_type'];
  try {
    return { architecture: describeConfig(config).architecture, unsupported: null };
  } catch (error) {
    if (!(error instanceof TabtuneError) || error.code !== 'unsupported') throw error;
    return {
      architecture: typeof type === 'string' ? type : 'unknown',
      unsupported: `${error.message} ${error.fix ?? ''}`.trim(),
    };
  }
}
