/**
 * A run's state as one safetensors file: the parameters that train and the optimizer's moments as tensors, the counters
 * and the records so far as JSON in the header's metadata.
 */
import * as z from 'zod/mini';
import { TabtuneError } from '../base/errors';
import { isObject, type Json } from '../base/json';
import { anyNumber, packNumbers, unpackNumbers } from '../base/json-numbers';
import type { StepRecord, TrainingProgress, ValidationRecord } from '../domain/run';
import type { KernelChoices } from '../domain/tuning';
import { readSafetensors, writeSafetensors } from './safetensors';
import type { NamedTensor } from './tensor';

/** Raise it when the file's content changes in a way that older files cannot be read as. */
const VERSION = '1';
const PARAMETERS = 'parameters/';
const MOMENTS = 'optimizer/';

/** Everything of a run at a step's edge but the best weights, which have a file of their own. */
export interface Checkpoint {
  progress: TrainingProgress;
  steps: StepRecord[];
  validations: ValidationRecord[];
  /** Kernels by product that the run takes, so that it goes on to the same bits; none in files of earlier versions. */
  kernels: KernelChoices;
  parameters: NamedTensor[];
  moments: NamedTensor[];
}

const counter = z.int().check(z.nonnegative());

export const validationSchema: z.ZodMiniType<ValidationRecord> = z.object({
  step: anyNumber,
  epoch: anyNumber,
  loss: anyNumber,
  metricName: z.string(),
  metricValue: anyNumber,
  best: z.boolean(),
});

/** Steps that version 0.1.0 recorded have the figures of preferences as `rewards: { margins … }`. */
function withExtras(record: unknown): unknown {
  if (!isObject(record) || !isObject(record['rewards'])) return record;
  const { rewards, ...rest } = record;
  return {
    ...rest,
    extras: Object.fromEntries(Object.entries(rewards as Json).map(([name, value]) => [`rewards/${name}`, value])),
  };
}

export const stepSchema: z.ZodMiniType<StepRecord> = z.pipe(
  z.transform(withExtras),
  z.object({
    step: anyNumber,
    totalSteps: anyNumber,
    epoch: anyNumber,
    loss: anyNumber,
    learningRate: anyNumber,
    gradientNorm: anyNumber,
    examplesPerSecond: anyNumber,
    tokensPerSecond: anyNumber,
    elapsedMs: anyNumber,
    remainingMs: anyNumber,
    memoryBytes: anyNumber,
    extras: z.optional(z.record(z.string(), anyNumber)),
  }),
);

const progressSchema: z.ZodMiniType<TrainingProgress> = z.object({
  step: counter,
  microStep: counter,
  epoch: counter,
  batch: counter,
  elapsedMs: z.number(),
  validatedAt: z.int().check(z.gte(-1)),
  sinceBest: counter,
  best: z.nullable(validationSchema),
});

const content = z.object({
  progress: progressSchema,
  steps: z.array(stepSchema),
  validations: z.array(validationSchema),
  kernels: z._default(z.record(z.string(), z.string()), {}),
});

const prefixed = (prefix: string, tensors: readonly NamedTensor[]): NamedTensor[] =>
  tensors.map((tensor) => ({ ...tensor, name: `${prefix}${tensor.name}` }));

export function writeCheckpoint({ parameters, moments, ...rest }: Checkpoint): Uint8Array<ArrayBuffer> {
  return writeSafetensors([...prefixed(PARAMETERS, parameters), ...prefixed(MOMENTS, moments)], {
    checkpoint: VERSION,
    content: JSON.stringify(rest, packNumbers),
  });
}

/**
 * Reads what `writeCheckpoint` wrote. Throws `unsupported` for a file of another version, `bad-model` for one that is
 * damaged.
 * @param file names the file in errors
 */
export function readCheckpoint(bytes: Uint8Array, file: string): Checkpoint {
  const { tensors, metadata } = readSafetensors(bytes, file);
  if (metadata['checkpoint'] !== VERSION)
    throw new TabtuneError('unsupported', `${file} was written by another version of Tabtune.`, {
      place: { file },
      fix: 'Go on with that version, or train again.',
    });
  const under = (prefix: string): NamedTensor[] =>
    [...tensors.values()]
      .filter(({ name }) => name.startsWith(prefix))
      .map((tensor) => ({ ...tensor, name: tensor.name.slice(prefix.length) }));
  return { ...readContent(metadata['content'] ?? '', file), parameters: under(PARAMETERS), moments: under(MOMENTS) };
}

function readContent(text: string, file: string): z.infer<typeof content> {
  try {
    return content.parse(JSON.parse(text, unpackNumbers));
  } catch (cause) {
    throw new TabtuneError('bad-model', `${file} holds no checkpoint that can be read.`, {
      place: { file },
      fix: 'Train again.',
      cause,
    });
  }
}
