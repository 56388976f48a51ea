/** A LoRA adapter that was dropped without its base model: put on the one it names, or on the one in use. */
import { TabtuneError } from '../../base/errors';
import type { ModelSource } from '../../domain/model';
import { CHAT_FILES } from '../../formats/chat-files';
import { stripTopFolder, type FolderFile } from '../../formats/folder';
import { TOKENIZER_FILES } from '../../formats/hf-folder';
import { parseJsonObject } from '../../formats/json-file';
import { EMBEDDED_MODELS } from '../../hub/embedded';
import * as hub from '../../hub/models';

export interface Dropped {
  name: string;
  files: FolderFile[];
}

const CONFIG = 'adapter_config.json';
const ADAPTER_FILES = [CONFIG, 'adapter_model.safetensors', 'adapter_model.bin'];
const OF_TEXT = [...TOKENIZER_FILES, ...CHAT_FILES];

/** The base model that an adapter without one names (null where it does not), or undefined for any other files. */
async function baseNamed(files: readonly FolderFile[]): Promise<string | null | undefined> {
  const config = files.find(({ path }) => path === CONFIG);
  if (!config || files.some(({ path }) => /(?:^|\/)config\.json$|\.gguf$/i.test(path))) return undefined;
  const { base_model_name_or_path: base } = parseJsonObject(await config.bytes(), CONFIG);
  return typeof base === 'string' && base !== '' ? base : null;
}

/** The embedded model of that name, else the model in use. Throws `missing-file` naming the base. */
function sourceOf(base: string | null, inUse: ModelSource | null): ModelSource {
  const embedded = EMBEDDED_MODELS.find(({ id, hubId }) => base !== null && (base === hubId || base === id));
  if (embedded) return { kind: 'embedded', id: embedded.id };
  if (inUse) return inUse;
  throw new TabtuneError(
    'missing-file',
    base === null
      ? 'These files are a LoRA adapter alone, which does not name its base model.'
      : `These files are a LoRA adapter alone; it was made for “${base}”.`,
    {
      place: { file: CONFIG },
      fix:
        `Load ${base === null ? 'its base model' : `“${base}”`} first (from the Hugging Face Hub or from a folder), ` +
        'then drop the adapter again: it goes on top of the model in use. Or drop both together.',
    },
  );
}

/** Base and adapter as one folder: the adapter's own tokenizer and chat template count where it brings some. */
function together(base: readonly FolderFile[], adapter: readonly FolderFile[]): FolderFile[] {
  const ofText = adapter.filter(({ path }) => OF_TEXT.includes(path));
  const bringsTokenizer = ofText.some(({ path }) => path === 'tokenizer.json' || path === 'vocab.txt');
  const own = adapter.filter(({ path }) => ADAPTER_FILES.includes(path) || (bringsTokenizer && OF_TEXT.includes(path)));
  const others = base.filter(
    ({ path }) => !ADAPTER_FILES.includes(path) && !(bringsTokenizer && TOKENIZER_FILES.includes(path)),
  );
  const taken = new Set(own.map(({ path }) => path));
  return [...others.filter(({ path }) => !taken.has(path)), ...own];
}

/**
 * The files with a base model, where they are an adapter alone. Throws `missing-file` naming its base where none is at
 * hand, and as `fetchModel` does.
 */
export async function withBase(
  outside: hub.HubContext,
  { name, files }: Dropped,
  inUse: ModelSource | null,
  options: hub.FetchOptions,
): Promise<Dropped> {
  const adapter = stripTopFolder(files);
  const base = await baseNamed(adapter);
  if (base === undefined) return { name, files };
  const fetched = await hub.fetchModel(outside, sourceOf(base, inUse), options);
  return { name: `${name} on ${fetched.name}`, files: together(fetched.files, adapter) };
}
