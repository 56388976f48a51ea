/** What can be said of a model from its configuration and the tensor list, before anything is built. */
import { DECODERS, ENCODERS } from '../domain/architectures';
import type { NamedTensor } from '../formats/tensor';
import { CheckpointReader } from './checkpoint-reader';
import { labelNames } from './models/config';
import { decoderSpec, encoderSpec } from './models';
import type { HfConfig } from './types';

export interface EncoderDescription {
  linearModules: string[];
  headModules: string[];
  hiddenSize: number;
  layers: number;
  maxPositions: number;
  vocabularySize: number;
  /** transformers' class name with a sequence classification head, for `architectures` in config.json. */
  sequenceClass: string;
  /** What that class puts before the names of the bare encoder, e.g. `bert.`. */
  prefix: string;
  /** Labels of a classification head that the checkpoint carries, or null. */
  checkpointLabels: string[] | null;
  parameters: number;
}

/**
 * Throws what `encoderSpec` throws, and `bad-model` naming a tensor of the body that is missing or has another shape.
 */
export function describeEncoder(config: HfConfig, tensors: ReadonlyMap<string, NamedTensor>): EncoderDescription {
  const spec = encoderSpec(config);
  const reader = new CheckpointReader(tensors, spec.prefix);
  for (const slot of spec.slots) reader.tensor(slot);
  const lastLayer = spec.headSlots(1).at(-1)?.name ?? '';
  return {
    linearModules: [...spec.linearModules],
    headModules: [...spec.headModules],
    hiddenSize: spec.hiddenSize,
    layers: spec.layers,
    maxPositions: spec.maxPositions,
    vocabularySize: spec.vocabularySize,
    sequenceClass: `${ENCODERS[spec.architecture].family}ForSequenceClassification`,
    prefix: spec.prefix,
    checkpointLabels: tensors.has(lastLayer) ? labelNames(config) : null,
    parameters: countParameters(tensors),
  };
}

function countParameters(tensors: ReadonlyMap<string, NamedTensor>): number {
  let parameters = 0;
  for (const { shape } of tensors.values()) parameters += shape.reduce((product, size) => product * size, 1);
  return parameters;
}

export type DecoderDescription = Omit<
  EncoderDescription,
  'headModules' | 'checkpointLabels' | 'sequenceClass' | 'prefix'
> & {
  /** transformers' class name, for `architectures` in config.json. */
  className: string;
};

/** As `describeEncoder`, for decoders. */
export function describeDecoder(config: HfConfig, tensors: ReadonlyMap<string, NamedTensor>): DecoderDescription {
  const { prefix, slots, linearModules, hiddenSize, layers, maxPositions, vocabularySize, architecture } =
    decoderSpec(config);
  const reader = new CheckpointReader(tensors, prefix);
  for (const slot of slots) reader.tensor(slot);
  return {
    linearModules: [...linearModules],
    hiddenSize,
    layers,
    maxPositions,
    vocabularySize,
    className: DECODERS[architecture].className,
    parameters: countParameters(tensors),
  };
}
