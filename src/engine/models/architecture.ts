/** What an encoder architecture says about itself, as functions; and the parameters that a configuration asks for. */
import type * as tf from '@tensorflow/tfjs-core';
import type { ForwardContext } from '../nn/context';
import type { LoraScaling } from '../nn/linear';

/** A parameter and the shape that the configuration gives it. */
export interface Slot {
  name: string;
  shape: readonly number[];
  /** How a head's parameter starts when the checkpoint has none; null when it must be there. */
  fresh: 'normal' | 'zeros' | 'ones' | null;
}

/** Values of a parameter. */
export const slotSize = ({ shape }: Slot): number => shape.reduce((product, size) => product * size, 1);

/** A padded batch; every array has batch·length values, row-major. */
export interface TokenBatch {
  batch: number;
  length: number;
  ids: Int32Array;
  /** 1 for a token, 0 for padding. */
  mask: Int32Array;
  /** Null for all zeros. */
  typeIds: Int32Array | null;
}

/** One pass over a padded batch: what every part needs beside its input. */
export interface EncoderPass {
  context: ForwardContext;
  lora: LoraScaling | null;
  batch: TokenBatch;
}

/** The body of an encoder: sizes, parameters, and how it computes. */
export interface EncoderBody {
  hiddenSize: number;
  intermediateSize: number;
  layers: number;
  heads: number;
  vocabularySize: number;
  /** Longest input in tokens. */
  maxPositions: number;
  padId: number;
  classifierDropout: number;
  /** Deviation of what a new head's weights are drawn from. */
  initializerRange: number;
  /** Parameters of the body, in checkpoint order. */
  slots: Slot[];
  /** The word embedding, which may be held in shards. */
  wordTable: string;
  /** Token ids → first states [batch·length, hidden]. */
  embed(pass: EncoderPass): tf.Tensor2D;
  block(pass: EncoderPass, x: tf.Tensor2D, index: number): tf.Tensor2D;
  /** Suffixes of the linear layers of the body, as PEFT matches them. */
  linearModules: string[];
}

/** An encoder with its classification head. */
export interface EncoderSpec extends EncoderBody {
  /** Parameters of the head, in order. */
  headSlots(labels: number): Slot[];
  /** First token's state [B, H] → logits [B, labels]. */
  head(context: ForwardContext, first: tf.Tensor2D, lora: LoraScaling | null): tf.Tensor2D;
  /** Top modules of the head, as PEFT's `modules_to_save` names them. */
  headModules: string[];
}

export const linearSlots = (name: string, out: number, inputs: number, fresh = false): Slot[] => [
  { name: `${name}.weight`, shape: [out, inputs], fresh: fresh ? 'normal' : null },
  { name: `${name}.bias`, shape: [out], fresh: fresh ? 'zeros' : null },
];

export const normSlots = (name: string, size: number): Slot[] => [
  { name: `${name}.weight`, shape: [size], fresh: null },
  { name: `${name}.bias`, shape: [size], fresh: null },
];
