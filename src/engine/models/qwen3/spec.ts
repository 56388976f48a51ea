/** Qwen3 (Yang et al., arXiv:2505.09388): queries and keys normalized a head, no biases. */
import type { HfConfig } from '../../types';
import { flag } from '../config';
import type { DecoderSpec } from '../decoder';
import { rotaryDecoder } from '../llama/spec';

export function qwen3(config: HfConfig): DecoderSpec {
  const bias = flag(config, 'attention_bias', false);
  return rotaryDecoder(
    { ...config, head_dim: config['head_dim'] ?? 128 },
    { attentionBias: bias, outputBias: bias, feedForwardBias: false, headNorms: true },
  );
}
