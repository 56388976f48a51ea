/**
 * How answers are written: the settings of generation, their bounds, and what a model's generation_config.json says.
 */

export interface GenerationSettings {
  maxNewTokens: number;
  /** Whether tokens are drawn; else the likeliest one is always taken (greedy). */
  doSample: boolean;
  temperature: number;
  /** Draw from the k likeliest tokens only; 0 draws from all. */
  topK: number;
  /** Draw from the likeliest tokens that together have this probability; 1 draws from all. */
  topP: number;
  /** Logits of tokens that were used already are divided (or, below 0, multiplied) by this; 1 changes nothing. */
  repetitionPenalty: number;
  /** Writing stops where one of these begins. */
  stopStrings: readonly string[];
  seed: number;
}

interface Bound {
  min: number;
  max: number;
  integer: boolean;
}

export const GENERATION_BOUNDS = {
  maxNewTokens: { min: 1, max: 4096, integer: true },
  temperature: { min: 0.01, max: 5, integer: false },
  topK: { min: 0, max: 1_000_000, integer: true },
  topP: { min: 0.01, max: 1, integer: false },
  repetitionPenalty: { min: 0.1, max: 10, integer: false },
  seed: { min: 0, max: 2 ** 31 - 1, integer: true },
} as const satisfies Partial<Record<keyof GenerationSettings, Bound>>;

type BoundedSetting = keyof typeof GENERATION_BOUNDS;

const fits = (value: unknown, { min, max, integer }: Bound): value is number =>
  typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value));

/** transformers' own defaults, but for the length of an answer. */
const DEFAULTS: GenerationSettings = {
  maxNewTokens: 256,
  doSample: false,
  temperature: 1,
  topK: 50,
  topP: 1,
  repetitionPenalty: 1,
  stopStrings: [],
  seed: 1,
};

/**
 * The settings that generation_config.json gives; what is missing or makes no sense in it is at transformers' default.
 */
export function generationSettings(config: Readonly<Record<string, unknown>> | null): GenerationSettings {
  const given = config ?? {};
  const number = (field: BoundedSetting, name: string): number =>
    fits(given[name], GENERATION_BOUNDS[field]) ? given[name] : DEFAULTS[field];
  const stops = given['stop_strings'];
  const list: unknown[] = Array.isArray(stops) ? stops : [stops];
  return {
    maxNewTokens: number('maxNewTokens', 'max_new_tokens'),
    doSample: given['do_sample'] === true,
    temperature: number('temperature', 'temperature'),
    topK: number('topK', 'top_k'),
    topP: number('topP', 'top_p'),
    repetitionPenalty: number('repetitionPenalty', 'repetition_penalty'),
    stopStrings: list.filter((text): text is string => typeof text === 'string' && text !== ''),
    seed: DEFAULTS.seed,
  };
}

/** The settings under which held-out answers are compared: greedy, so that nothing but the model decides. */
export const greedy = (maxNewTokens: number): GenerationSettings => ({ ...DEFAULTS, maxNewTokens });

/** Problems with the settings, a sentence each; empty when they can be used. */
export function checkGeneration(settings: GenerationSettings): string[] {
  return (Object.keys(GENERATION_BOUNDS) as BoundedSetting[])
    .filter((field) => !fits(settings[field], GENERATION_BOUNDS[field]))
    .map((field) => {
      const { min, max, integer } = GENERATION_BOUNDS[field];
      return (
        `${field} must be ${integer ? 'a whole number' : 'a number'} from ${min} to ${max}, not ` +
        `${settings[field]}.`
      );
    });
}
