/** What an encoder architecture must say about itself for the shared transformer body to run it. */
import type * as tf from '@tensorflow/tfjs-core';
import type { ForwardContext } from '../nn/context';
import type { LoraScaling } from '../nn/linear';

/** Names of one encoder layer's modules. */
export interface LayerNames {
  query: string;
  key: string;
  value: string;
  attentionOutput: string;
  attentionNorm: string;
  intermediate: string;
  output: string;
  outputNorm: string;
}

/** A parameter and the shape that the configuration gives it. */
export interface Slot {
  name: string;
  shape: readonly number[];
  /** How a head's parameter starts when the checkpoint has none; null when it must be there. */
  fresh: 'normal' | 'zeros' | 'ones' | null;
}

/** Values of a parameter. */
export const slotSize = ({ shape }: Slot): number => shape.reduce((product, size) => product * size, 1);

/** A configuration read for one architecture: sizes, names, and its classification head. */
export interface EncoderSpec {
  /** Prefix that a checkpoint of the bare encoder leaves out, e.g. `bert.`. */
  prefix: string;
  hiddenSize: number;
  layers: number;
  heads: number;
  intermediateSize: number;
  vocabularySize: number;
  /** Rows of the position table, and the position of the first token. */
  positionRows: number;
  firstPosition: number;
  /** 0 when the model has no token types. */
  tokenTypes: number;
  padId: number;
  /** `padding_idx` of the position table, or null. */
  positionPadId: number | null;
  activation: string;
  normEpsilon: number;
  hiddenDropout: number;
  attentionDropout: number;
  classifierDropout: number;
  initializerRange: number;
  embeddings: { words: string; positions: string; tokenTypes: string; norm: string };
  layer(index: number): LayerNames;
  /** Parameters of the classification head, in order. */
  headSlots(labels: number): Slot[];
  /** First token's state [B, H] → logits [B, labels]. */
  head(context: ForwardContext, first: tf.Tensor2D, lora: LoraScaling | null): tf.Tensor2D;
  /** Suffixes of the linear layers of the body, as PEFT matches them. */
  linearModules: string[];
  /** Top modules of the head, as PEFT's `modules_to_save` names them. */
  headModules: string[];
  /** transformers' class names, for `architectures`. */
  classNames: { sequence: string; token: string };
}

export const linearSlots = (name: string, out: number, inputs: number, fresh: boolean): Slot[] => [
  { name: `${name}.weight`, shape: [out, inputs], fresh: fresh ? 'normal' : null },
  { name: `${name}.bias`, shape: [out], fresh: fresh ? 'zeros' : null },
];

export const normSlots = (name: string, size: number): Slot[] => [
  { name: `${name}.weight`, shape: [size], fresh: null },
  { name: `${name}.bias`, shape: [size], fresh: null },
];

/** Every parameter of the encoder body, in checkpoint order. */
export function bodySlots(spec: EncoderSpec): Slot[] {
  const { hiddenSize, intermediateSize, embeddings } = spec;
  const slots: Slot[] = [
    { name: embeddings.words, shape: [spec.vocabularySize, hiddenSize], fresh: null },
    { name: embeddings.positions, shape: [spec.positionRows, hiddenSize], fresh: null },
  ];
  if (spec.tokenTypes > 0)
    slots.push({ name: embeddings.tokenTypes, shape: [spec.tokenTypes, hiddenSize], fresh: null });
  slots.push(...normSlots(embeddings.norm, hiddenSize));
  for (let i = 0; i < spec.layers; i++) {
    const names = spec.layer(i);
    for (const name of [names.query, names.key, names.value, names.attentionOutput])
      slots.push(...linearSlots(name, hiddenSize, hiddenSize, false));
    slots.push(...normSlots(names.attentionNorm, hiddenSize));
    slots.push(...linearSlots(names.intermediate, intermediateSize, hiddenSize, false));
    slots.push(...linearSlots(names.output, hiddenSize, intermediateSize, false));
    slots.push(...normSlots(names.outputNorm, hiddenSize));
  }
  return slots;
}
