/**
 * What a reload brings back: settings, the names of what was open, and corrections of answers; kept in localStorage and
 * checked when read.
 */
import * as z from 'zod/mini';
import type { ModelSource } from '../domain/model';
import type { Correction } from '../domain/corrections';
import { BASE_WEIGHTS, TEMPLATE_CHOICES, type LanguageConfig } from '../domain/language-config';
import type { TuningSettings } from '../domain/tuning';
import type { LoraConfig, Method } from '../domain/training-config';

export const DEFAULT_HUB = 'https://huggingface.co';

/** The person's own changes to the default training settings. */
export type ConfigChanges = Partial<Omit<LanguageConfig, 'method' | 'lora'>> & { lora?: Partial<LoraConfig> };

/** Changes are kept for each method, and apart for models that write: their defaults are others. */
export type SettingsKey = Method | 'language-lora' | 'language-full';

const changesSchema = z.partial(
  z.object({
    learningRate: z.number(),
    epochs: z.number(),
    batchSize: z.number(),
    gradientAccumulation: z.number(),
    maxLength: z.number(),
    schedule: z.enum(['linear', 'cosine', 'constant']),
    warmupRatio: z.number(),
    weightDecay: z.number(),
    maxGradNorm: z.number(),
    dropout: z.nullable(z.number()),
    labelSmoothing: z.number(),
    classWeights: z.enum(['none', 'balanced']),
    earlyStoppingPatience: z.number(),
    keepBest: z.boolean(),
    validateEverySteps: z.number(),
    seed: z.number(),
    template: z.enum(TEMPLATE_CHOICES),
    base: z.enum(BASE_WEIGHTS),
    gradientCheckpointing: z.boolean(),
    packing: z.boolean(),
    beta: z.number(),
    lora: z.partial(
      z.object({
        rank: z.number(),
        alpha: z.number(),
        dropout: z.number(),
        targetModules: z.array(z.string()),
        modulesToSave: z.array(z.string()),
      }),
    ),
  }),
);

const sourceSchema = z.union([
  z.object({ kind: z.literal('embedded'), id: z.string() }),
  z.object({ kind: z.literal('hub'), id: z.string(), revision: z.string() }),
  z.object({ kind: z.literal('files'), name: z.string(), cacheKey: z.string() }),
]);

const sessionSchema = z.object({
  hubUrl: z.string(),
  backendOverride: z.nullable(z.enum(['webgpu', 'wasm', 'cpu'])),
  checkpointSeconds: z._default(z.number().check(z.gte(1), z.lte(600)), 10),
  keepAwake: z._default(z.boolean(), false),
  datasetId: z.nullable(z.string()),
  modelSource: z.nullable(sourceSchema),
  runId: z.nullable(z.string()),
  method: z.enum(['full', 'lora', 'head']),
  changes: z.object({
    full: changesSchema,
    lora: changesSchema,
    head: changesSchema,
    'language-lora': z._default(changesSchema, {}),
    'language-full': z._default(changesSchema, {}),
  }),
});

export interface Session {
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
  changes: Record<SettingsKey, ConfigChanges>;
}

export const EMPTY_SESSION: Session = {
  hubUrl: DEFAULT_HUB,
  backendOverride: null,
  checkpointSeconds: 10,
  keepAwake: false,
  datasetId: null,
  modelSource: null,
  runId: null,
  method: 'head',
  changes: { full: {}, lora: {}, head: {}, 'language-lora': {}, 'language-full': {} },
};

/** localStorage, or null where the browser forbids it (blocked cookies). */
function browserStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

let reading = false;

/** From now on nothing is remembered: another tab has the session. */
export function onlyRead(): void {
  reading = true;
}

/** Something that is kept from visit to visit. */
interface Entry<T> {
  /** What `text` describes; what there is without it when it is missing or was written by another version. */
  parse: (text: string | null) => T;
  read: () => T;
  /** A browser that refuses to store only loses what a reload would have brought back. */
  remember: (value: T) => void;
}

function entry<T>(key: string, schema: z.ZodMiniType<T>, otherwise: T): Entry<T> {
  const parse = (text: string | null): T => {
    if (text === null) return otherwise;
    try {
      const parsed = schema.safeParse(JSON.parse(text));
      return parsed.success ? parsed.data : otherwise;
    } catch {
      return otherwise; // Not JSON: nothing of ours.
    }
  };
  return {
    parse,
    read: () => parse(browserStorage()?.getItem(key) ?? null),
    remember(value) {
      const storage = browserStorage();
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
    },
  };
}

const SESSION = entry<Session>('tabtune.session', sessionSchema, EMPTY_SESSION);

export const parseSession = SESSION.parse;
export const readSession = SESSION.read;

/** Keeps the given parts. */
export function rememberSession(parts: Partial<Session>): void {
  SESSION.remember({ ...readSession(), ...parts });
}

const correctionSchema = z.object({
  prompt: z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })),
  chosen: z.string(),
  rejected: z.string(),
});

/** Corrections of answers that were not taught yet. */
export const CORRECTIONS = entry<Correction[]>('tabtune.corrections', z.array(correctionSchema), []);

const tuningSchema = z.object({
  software: z.boolean(),
  known: z.array(
    z.object({
      adapter: z.string(),
      workloads: z.array(z.string()),
      products: z.array(
        z.object({
          product: z.string(),
          kernel: z.string(),
          rate: z.number(),
          usual: z.string(),
          usualRate: z.number(),
        }),
      ),
    }),
  ),
});

/** What was measured of GPU kernels. */
export const TUNING = entry<TuningSettings>('tabtune.tuning', tuningSchema, { known: [], software: false });

/** Keys of this app in localStorage: its own, and the component library's for the colours. */
const OWN_KEYS = /^(tabtune\.|mantine-)/;

const ownKeys = (storage: Storage): string[] =>
  Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? '').filter((key) => OWN_KEYS.test(key));

/** Removes everything that the app keeps in localStorage. */
export function forgetSession(): void {
  const storage = browserStorage();
  if (storage) for (const key of ownKeys(storage)) storage.removeItem(key);
}

/** Bytes that the app keeps in localStorage, which holds UTF-16. */
export function sessionBytes(): number {
  const storage = browserStorage();
  return storage
    ? ownKeys(storage).reduce((sum, key) => sum + 2 * (key.length + (storage.getItem(key)?.length ?? 0)), 0)
    : 0;
}
