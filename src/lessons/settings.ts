/**
 * Settings of a run, a row each: schema, default, bounds, control and reason stand in one place. A lesson lists its own
 * in its shared/settings.ts, with those that all lessons have (common-settings.ts). The page draws the controls from
 * the rows; records and kept changes are checked by them.
 */
import * as z from 'zod/mini';
import { anyNumber } from '../base/json-numbers';
import type { Mapping } from '../domain/dataset';
import type { ModelInfo } from '../domain/model';
import { goesOn } from '../domain/training-config';
import type { LoraConfig, Method, Recipe, TrainingConfig } from '../domain/training-config';

/** What defaults of settings depend on. */
export interface DefaultsContext<M extends Mapping = Mapping> {
  method: Method;
  mapping: M;
  trainRows: number;
  model: ModelInfo;
}

/** Settings with the sentence shown beside each field, by the field's name (`lora.rank` for those of LoRA). */
export interface Defaults<S extends TrainingConfig = TrainingConfig> {
  config: S;
  reasons: Readonly<Record<string, string>>;
}

export interface Choice {
  value: string;
  label: string;
}

export type Control =
  /** `step` may depend on the default. */
  | { kind: 'number'; min: number; max: number; integer: boolean; step?: number | ((initial: number) => number) }
  /** Empty means null: the model's own value. */
  | { kind: 'optional-number'; min: number; max: number; step?: number; placeholder: string }
  | { kind: 'choice'; options(model: ModelInfo): readonly Choice[] }
  | { kind: 'switch' }
  /** Several of the names that the model has. */
  | { kind: 'names'; of(model: ModelInfo): readonly string[] };

/** One setting. T: its value, S: the settings that it is one of, M: the mapping of its lesson. */
export interface Setting<T, S extends TrainingConfig = TrainingConfig, M extends Mapping = Mapping> {
  schema: z.ZodMiniType<T>;
  control: Control;
  label: string;
  initial(context: DefaultsContext<M>): T;
  /** Why that is the default. */
  reason?(context: DefaultsContext<M>): string;
  /** What it does: said where the default carries no reason. */
  about?: string;
  /** All that is said beside it, where "Default: …" with reason or `about` would not do. */
  description?(model: ModelInfo): string;
  /** What kept runs have that are older than the setting. */
  earlier?: T;
  /** What is wrong with a value, or null; without it, the bounds of its control count. */
  problem?(value: T): string | null;
  /** Whether the control is offered; without it, always. */
  when?(config: S, model: ModelInfo, mapping: M): boolean;
  /** Controls of one group stand together, apart from the others. */
  group?: 'writing' | 'lora';
}

/** Every field of S (of `lora`, every field of it) with its row. Order is the order on the page. */
export type SettingsTable<S extends TrainingConfig, M extends Mapping = Mapping> = {
  [K in Exclude<keyof S, 'method' | 'lora'>]-?: Setting<S[K], S, M>;
} & { lora: { [K in keyof LoraConfig]-?: Setting<LoraConfig[K], S, M> } };

/** A row with the name of its field, and where its value stands. */
export interface NamedSetting {
  /** The field, e.g. `epochs`, or `lora.rank`. */
  name: string;
  setting: Setting<unknown>;
  valueIn(config: TrainingConfig): unknown;
  /** The change that gives it another value. */
  changeTo(value: unknown): ConfigChanges;
}

/** What a person changed of the defaults; what a lesson does not have, or cannot be, is passed over. */
export type ConfigChanges = Recipe;

/** A lesson's settings, ready for use. */
export interface Settings<S extends TrainingConfig = TrainingConfig, M extends Mapping = Mapping> {
  list: readonly NamedSetting[];
  /** Of settings as they are kept. */
  schema: z.ZodMiniType<S>;
  /** Of settings in a person's hands: a number that is being typed may be no number yet. */
  draft: z.ZodMiniType<S>;
  /** Of changes as they are kept. */
  changes: z.ZodMiniType<ConfigChanges>;
  /** What is out of bounds, a sentence each. */
  problems(config: TrainingConfig): string[];
  /** The settings used when a person changes nothing; what was measured for the model wins. */
  defaults(context: DefaultsContext<M>, measured?: Recipe | null): Defaults<S>;
  /** The settings with changes on top. */
  changed(config: S, changes: ConfigChanges): S;
}

/** A row of a number within inclusive bounds; what the lesson says of it comes on top. */
export const numberSetting = (
  label: string,
  bounds: { min: number; max: number; integer?: boolean; step?: number | ((initial: number) => number) },
) => ({ label, schema: z.number(), control: { kind: 'number' as const, integer: false, ...bounds } });

/** A row of a switch. */
export const switchSetting = (label: string) => ({ label, schema: z.boolean(), control: { kind: 'switch' as const } });

/** A row of one of several values, in these words. */
export const choiceSetting = <const T extends string>(
  label: string,
  values: readonly T[],
  words?: Record<T, string>,
) => ({
  label,
  schema: z.enum(values),
  control: {
    kind: 'choice' as const,
    options: () => values.map((value) => ({ value, label: words?.[value] ?? value })),
  },
});

/** The schema of a value that is being typed. */
function draftOf({ schema, control }: Setting<unknown>): z.ZodMiniType {
  if (control.kind === 'number') return anyNumber;
  return control.kind === 'optional-number' ? z.nullable(anyNumber) : schema;
}

const IN_LORA = 'lora.';

/** Something of each setting by its field, those of LoRA apart. */
function byField<T>(
  list: readonly NamedSetting[],
  of: (setting: Setting<unknown>) => T,
): { fields: Record<string, T>; lora: Record<string, T> } {
  const [fields, lora]: [Record<string, T>, Record<string, T>] = [{}, {}];
  for (const { name, setting } of list) {
    const value = of(setting);
    // A setting that has no say here is left out, as it is in what is kept.
    if (value === undefined) continue;
    if (name.startsWith(IN_LORA)) lora[name.slice(IN_LORA.length)] = value;
    else fields[name] = value;
  }
  return { fields, lora };
}

const fieldOf = (of: unknown, field: string): unknown =>
  typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[field] : undefined;

function listOf(rows: Readonly<Record<string, unknown>>): NamedSetting[] {
  const { lora, ...fields } = rows as Record<string, Setting<unknown>> & { lora: Record<string, Setting<unknown>> };
  return [
    ...Object.entries(fields).map(([name, setting]) => ({
      name,
      setting,
      valueIn: (config: TrainingConfig) => fieldOf(config, name),
      changeTo: (to: unknown) => ({ [name]: to }),
    })),
    ...Object.entries(lora).map(([name, setting]) => ({
      name: `${IN_LORA}${name}`,
      setting,
      valueIn: (config: TrainingConfig) => fieldOf(config.lora, name),
      changeTo: (to: unknown) => ({ lora: { [name]: to } }),
    })),
  ];
}

/** What is wrong with a value of the setting, or null. */
function problemOf({ name, setting }: NamedSetting, value: unknown): string | null {
  const { control, schema } = setting;
  if (setting.problem) return setting.problem(value);
  if (control.kind !== 'number')
    return schema.safeParse(value).success ? null : `${name} cannot be ${JSON.stringify(value)}.`;
  const { min, max, integer } = control;
  const fits = typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value));
  return fits
    ? null
    : `${name} must be ${integer ? 'a whole number' : 'a number'} from ${min} to ${max}, not ${String(value)}.`;
}

/** Makes a lesson's settings of the methods that it has and its rows. */
export function settingsOf<S extends TrainingConfig, M extends Mapping>(
  method: z.ZodMiniType<S['method']>,
  rows: SettingsTable<S, M>,
): Settings<S, M> {
  const list = listOf(rows);
  const schemaOf = (of: (setting: Setting<unknown>) => z.ZodMiniType): z.ZodMiniType<S> => {
    const { fields, lora } = byField(list, of);
    // A schema for every field of S, as the type of the rows says.
    return z.object({ method, ...fields, lora: z.object(lora) }) as unknown as z.ZodMiniType<S>;
  };
  const draft = schemaOf(draftOf);
  const kept = byField(list, ({ schema }) => schema);
  const changed = (config: S, changes: ConfigChanges): S => {
    const { fields, lora } = byField(list, draftOf);
    return draft.parse({
      ...config,
      ...fitting(fields, changes),
      lora: { ...config.lora, ...fitting(lora, changes.lora) },
    });
  };
  return {
    list,
    schema: schemaOf(({ schema, earlier }) => (earlier === undefined ? schema : z._default(schema, earlier))),
    draft,
    changes: z.partial(z.object({ ...kept.fields, lora: z.partial(z.object(kept.lora)) })),
    problems: (config) =>
      list
        .filter(({ name }) => config.method === 'lora' || !name.startsWith(IN_LORA))
        .flatMap((row) => problemOf(row, row.valueIn(config)) ?? []),
    defaults(context, measured) {
      const { fields, lora } = byField(list, (setting) => setting.initial(context));
      const reasons: Record<string, string> = {};
      for (const { name, setting } of list) if (setting.reason) reasons[name] = setting.reason(context);
      return { config: changed(draft.parse({ method: context.method, ...fields, lora }), measured ?? {}), reasons };
    },
    changed,
  };
}

/** Those of the changes that are values of these fields. */
const fitting = (fields: Readonly<Record<string, z.ZodMiniType>>, changes: unknown): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([field, schema]) => {
      const value = fieldOf(changes, field);
      return value !== undefined && schema.safeParse(value).success ? [[field, value]] : [];
    }),
  );

/**
 * Choices that do not apply to this model put right: layers of another architecture, and longer inputs than it takes.
 */
export function settled<S extends TrainingConfig>(config: S, defaults: S, model: ModelInfo): S {
  const { adapter } = model;
  if (adapter && goesOn(config, adapter)) {
    const { rank, alpha, dropout, targetModules, modulesToSave } = adapter;
    const lora = { rank, alpha, dropout, targetModules, modulesToSave };
    return { ...config, maxLength: Math.min(config.maxLength, model.maxPositions), lora };
  }
  const { targetModules, modulesToSave } = config.lora;
  const targets = targetModules.filter((name) => model.linearModules.includes(name));
  const heads = model.head?.modules ?? [];
  return {
    ...config,
    maxLength: Math.min(config.maxLength, model.maxPositions),
    lora: {
      ...config.lora,
      targetModules: targets.length > 0 || targetModules.length === 0 ? targets : defaults.lora.targetModules,
      modulesToSave: modulesToSave.filter((name) => heads.includes(name)),
    },
  };
}
