/** Reads what a person types or pastes as the name of a model on the Hub. */
import { TabtuneError } from '../base/errors';

export interface HubName {
  /** `owner/name`, or a bare `name` of the Hub's early days. */
  id: string;
  /** Branch, tag or commit, or null when none was named. */
  revision: string | null;
}

const PART = /^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/;
/** First parts of addresses on the Hub that are no models. */
const NOT_MODELS = new Set(['datasets', 'spaces', 'docs', 'blog', 'papers', 'collections']);

function bad(
  text: string,
  fix = 'Type an id such as `sentence-transformers/all-MiniLM-L6-v2`, or paste the address of the model’s page.',
): never {
  throw new TabtuneError('not-found', `${JSON.stringify(text)} is not the name of a model.`, { fix });
}

/**
 * An id, `owner/name`, `owner/name@revision`, or an https address of a model's page (also with `/tree/<revision>`).
 * Throws `not-found`.
 */
export function parseHubName(typed: string): HubName {
  const text = typed.trim();
  const isAddress = /^https?:\/\//i.test(text) || /^(?:huggingface\.co|hf\.co)\//i.test(text);
  let path = text;
  let revision: string | null = null;
  if (isAddress) {
    try {
      path = decodeURIComponent(new URL(/^https?:/i.test(text) ? text : `https://${text}`).pathname);
    } catch {
      return bad(typed);
    }
  } else {
    const at = text.indexOf('@');
    if (at >= 0) {
      revision = text.slice(at + 1);
      path = text.slice(0, at);
    }
  }
  const parts = path.split('/').filter((part) => part !== '');
  if (NOT_MODELS.has(parts[0] ?? ''))
    bad(typed, 'This is the address of something else on the Hub; paste the address of a model’s page.');
  if (isAddress) {
    const marker = parts.findIndex((part, index) => index > 0 && ['tree', 'blob', 'resolve', 'commit'].includes(part));
    if (marker > 0)
      revision =
        (parts[marker] === 'tree' ? parts.slice(marker + 1) : parts.slice(marker + 1, marker + 2)).join('/') || null;
    parts.splice(marker > 0 ? marker : 2);
  }
  if (parts.length < 1 || parts.length > 2 || !parts.every((part) => PART.test(part) && !part.includes('..')))
    bad(typed);
  if (revision !== null && !/^[\w][\w./-]{0,200}$/.test(revision)) bad(typed);
  return { id: parts.join('/'), revision };
}
