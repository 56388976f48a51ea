/** Asks the Hugging Face Hub what a model is: its commit, files with sizes, licence and architecture. */
import { isObject } from '../base/json';
import { TabtuneError, throwIfCancelled } from '../base/errors';
import { parseJsonObject } from '../formats/json-file';

/** One file of a repository. */
export interface HubFile {
  path: string;
  /** Bytes. */
  size: number;
  /** Hex SHA-256 of large files, or null. */
  sha256: string | null;
}

/** What the Hub says about a model at one commit. */
export interface HubModel {
  id: string;
  /** The commit that every download is pinned to. */
  revision: string;
  files: HubFile[];
  licence: string | null;
  modelType: string | null;
  parameters: number | null;
  gated: boolean;
}

const UNREACHABLE =
  'Check the connection, and the Hub’s address in the settings. Embedded models and dropped folders work without it.';

/** A failed answer in words; `what` names what was asked for. */
export function refusal(status: number, what: string, url: string): TabtuneError {
  const place = { file: url };
  // The Hub answers 401 for repositories that do not exist, so that nobody can guess at private ones.
  if (status === 401 || status === 404)
    return new TabtuneError('not-found', `The Hub has no public ${what}.`, {
      place,
      fix: 'Check the spelling. Private models cannot be read from here: download the folder and drop it.',
    });
  if (status === 403)
    return new TabtuneError('unsupported', `Access to ${what} is restricted by its owner.`, { place, fix: GATED_FIX });
  if (status === 429)
    return new TabtuneError('network', 'The Hub asks for a pause: too many requests.', {
      place,
      fix: 'Wait a minute and try again.',
    });
  return new TabtuneError('network', `The Hub answered with status ${status} for ${what}.`, {
    place,
    fix: 'Try again later.',
  });
}

export const GATED_FIX = 'Accept the owner’s terms on the model’s page, download the folder there, and drop it here.';

/** A request that never got an answer, as `network`, or `cancelled`. */
export function unreachable(cause: unknown, url: string, signal: AbortSignal | undefined): TabtuneError {
  if (signal?.aborted || (cause instanceof Error && cause.name === 'AbortError'))
    return new TabtuneError('cancelled', 'Cancelled.');
  return new TabtuneError('network', `${new URL(url, 'http://localhost').host} cannot be reached.`, {
    place: { file: url },
    fix: UNREACHABLE,
    cause,
  });
}

/** The address of a repository's file at a commit. */
export function fileUrl(hubUrl: string, id: string, revision: string, path: string): string {
  return `${hubUrl.replace(/\/+$/, '')}/${id}/resolve/${encodeURIComponent(revision)}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** Looks a model up. Throws `not-found`, `network`, `unsupported` (restricted) or `cancelled`. */
export async function lookUpModel(
  hubUrl: string,
  id: string,
  revision: string,
  fetcher: typeof fetch,
  signal?: AbortSignal,
): Promise<HubModel> {
  throwIfCancelled(signal);
  const url = `${hubUrl.replace(/\/+$/, '')}/api/models/${id}/revision/${encodeURIComponent(revision)}?blobs=true`;
  let body: Uint8Array;
  try {
    const response = await fetcher(url, { signal: signal ?? null, credentials: 'omit' });
    if (!response.ok)
      throw refusal(response.status, `model “${id}”${revision === 'main' ? '' : ` at “${revision}”`}`, url);
    body = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw cause instanceof TabtuneError ? cause : unreachable(cause, url, signal);
  }
  return readAnswer(parseJsonObject(body, url), id, url);
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const count = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
const object = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {});

function readAnswer(answer: Record<string, unknown>, id: string, url: string): HubModel {
  const { sha, siblings } = answer;
  if (typeof sha !== 'string' || !/^[0-9a-f]{40,64}$/.test(sha) || !Array.isArray(siblings))
    throw new TabtuneError('network', 'The answer is not that of a model hub.', {
      place: { file: url },
      fix: 'Check the Hub’s address in the settings.',
    });
  const files = siblings.map((item: unknown): HubFile | null => {
    const { rfilename: path, size, lfs } = object(item);
    const large = object(lfs);
    return typeof path === 'string' && !path.split('/').includes('..')
      ? { path, size: count(size) ?? count(large['size']) ?? 0, sha256: text(large['sha256']) }
      : null;
  });
  const licence = object(answer['cardData'])['license'];
  const safetensors = object(answer['safetensors']);
  return {
    id: text(answer['id']) ?? id,
    revision: sha,
    files: files.filter((file) => file !== null),
    licence: text(Array.isArray(licence) ? licence.join(', ') : licence),
    modelType: text(object(answer['config'])['model_type']),
    parameters: count(safetensors['total']),
    gated: answer['gated'] !== undefined && answer['gated'] !== false && answer['gated'] !== null,
  };
}
