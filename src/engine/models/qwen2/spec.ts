/** Qwen2 (Yang et al., arXiv:2407.10671): biases on queries, keys and values. */
import type { HfConfig } from '../../types';
import type { DecoderSpec } from '../decoder';
import { rotaryDecoder } from '../llama/spec';

export const qwen2 = (config: HfConfig): DecoderSpec =>
  rotaryDecoder(config, { attentionBias: true, outputBias: false, feedForwardBias: false, headNorms: false });
