/**
 * What a reload brings back: settings and the names of what was open; kept in localStorage and checked when read.
 */
import * as z from 'zod/mini';
import { isObject } from '../base/json';
import type { ModelSource } from '../domain/model';
import type { Method } from '../domain/training-config';
import { lessons } from '../lessons/index';
import type { ConfigChanges } from '../lessons/settings';
import type { Browser } from './outside';

export const DEFAULT_HUB = 'https://huggingface.co';

/** Raised when the shape of what is kept changes; `upToDate` knows the ones before. */
const VERSION = 2;

/** Changes to the default settings are kept for each lesson and method: `<lesson>.<method>`. */
export type SettingsKey = `${string}.${Method}`;

const METHODS = ['full', 'lora', 'head'] as const satisfies readonly Method[];

const sourceSchema = z.union([
  z.object({ kind: z.literal('embedded'), id: z.string() }),
  z.object({ kind: z.literal('hub'), id: z.string(), revision: z.string() }),
  z.object({ kind: z.literal('files'), name: z.string(), cacheKey: z.string() }),
]);

/** Of the lessons that there are. */
const sessionSchema = () =>
  z.object({
    version: z.literal(VERSION),
    hubUrl: z.string(),
    backendOverride: z.nullable(z.enum(['webgpu', 'wasm', 'cpu'])),
    checkpointSeconds: z._default(z.number().check(z.gte(1), z.lte(600)), 10),
    keepAwake: z._default(z.boolean(), false),
    datasetId: z.nullable(z.string()),
    modelSource: z.nullable(sourceSchema),
    runId: z.nullable(z.string()),
    method: z.enum(METHODS),
    changes: z.partial(
      z.object(
        Object.fromEntries(
          lessons().flatMap(({ id, settings }) => METHODS.map((method) => [`${id}.${method}`, settings.changes])),
        ),
      ),
    ),
  });

export interface Session {
  version: typeof VERSION;
  hubUrl: string;
  backendOverride: 'webgpu' | 'wasm' | 'cpu' | null;
  /** A run's state is kept at least this often, in seconds. */
  checkpointSeconds: number;
  /** Keep the screen on while a run learns. */
  keepAwake: boolean;
  datasetId: string | null;
  modelSource: ModelSource | null;
  runId: string | null;
  method: Method;
  /** The person's own changes to the defaults. */
  changes: Readonly<Partial<Record<SettingsKey, ConfigChanges>>>;
}

export const EMPTY_SESSION: Session = {
  version: VERSION,
  hubUrl: DEFAULT_HUB,
  backendOverride: null,
  checkpointSeconds: 10,
  keepAwake: false,
  datasetId: null,
  modelSource: null,
  runId: null,
  method: 'head',
  changes: {},
};

/** Keys of the first version, and what they are now: models that write shared theirs. */
const KEYS_OF_FIRST: Readonly<Record<string, readonly SettingsKey[]>> = {
  full: ['classify.full'],
  lora: ['classify.lora'],
  head: ['classify.head'],
  'language-lora': ['answer.lora', 'prefer.lora'],
  'language-full': ['answer.full', 'prefer.full'],
};

/** What an earlier version kept, in the shape of this one; what is none of ours stays as it is. */
function upToDate(kept: unknown): unknown {
  if (!isObject(kept) || kept['version'] !== undefined || !isObject(kept['changes'])) return kept;
  const changes = Object.entries(kept['changes']).flatMap(([key, of]) =>
    (KEYS_OF_FIRST[key] ?? []).map((now) => [now, of] as const),
  );
  return { ...kept, version: VERSION, changes: Object.fromEntries(changes) };
}

/** Something that is kept from visit to visit. */
export interface Entry<T> {
  /** What there is without it when it is missing or was written by another version. */
  read: () => T;
  /** A browser that refuses to store only loses what a reload would have brought back. */
  remember: (value: T) => void;
}

/** What `text` describes, or `otherwise`. */
function parsed<T>(text: string | null, schema: z.ZodMiniType<T>, otherwise: T, migrate = (kept: unknown) => kept): T {
  if (text === null) return otherwise;
  try {
    const result = schema.safeParse(migrate(JSON.parse(text)));
    return result.success ? result.data : otherwise;
  } catch {
    return otherwise; // Not JSON: nothing of ours.
  }
}

export const parseSession = (text: string | null): Session =>
  parsed<Session>(text, sessionSchema(), EMPTY_SESSION, upToDate);

/** Keys of this app in localStorage: its own, and the component library's for the colours. */
const OWN_KEYS = /^(tabtune\.|mantine-)/;
const SESSION_KEY = 'tabtune.session';

const ownKeys = (storage: NonNullable<Browser['storage']>): string[] =>
  Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? '').filter((key) => OWN_KEYS.test(key));

export type KeptSession = ReturnType<typeof createSession>;

export function createSession({ storage }: Pick<Browser, 'storage'>) {
  let reading = false;
  const remember = (key: string, value: unknown): void => {
    if (!storage || reading) return;
    try {
      // A number that is being typed may be no number yet: it is left out, and the default stands in for it.
      storage.setItem(
        key,
        JSON.stringify(value, (_, part: unknown) => (Number.isNaN(part) ? undefined : part)),
      );
    } catch {
      storage.removeItem(key);
    }
  };
  const read = (): Session => parseSession(storage?.getItem(SESSION_KEY) ?? null);
  return {
    read,
    /** Keeps the given parts. */
    remember: (parts: Partial<Session>) => remember(SESSION_KEY, { ...read(), ...parts }),
    /** What else is kept, under a key of its own. */
    entry: <T>(key: `tabtune.${string}`, schema: z.ZodMiniType<T>, otherwise: T): Entry<T> => ({
      read: () => parsed(storage?.getItem(key) ?? null, schema, otherwise),
      remember: (value) => remember(key, value),
    }),
    /** From now on nothing is remembered: another tab has the session. */
    onlyRead: () => void (reading = true),
    /** Removes everything that the app keeps here. */
    forget: () => {
      if (storage) for (const key of ownKeys(storage)) storage.removeItem(key);
    },
    /** Bytes that the app keeps here, as UTF-16. */
    bytes: (): number =>
      storage
        ? ownKeys(storage).reduce((sum, key) => sum + 2 * (key.length + (storage.getItem(key)?.length ?? 0)), 0)
        : 0,
  };
}
