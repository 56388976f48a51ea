/** For tests: small decoders with drawn weights, whose rows are whole blocks of 32 where they can be. */
import { SeededRandom } from '../base/random';
import { fromFloat32 } from '../formats/dtype';
import type { NamedTensor } from '../formats/tensor';
import { slotSize } from '../engine/models/architecture';
import { decoderSpec } from '../engine/models';
import type { HfConfig } from '../engine/types';

export const LLAMA: HfConfig = {
  model_type: 'llama',
  vocab_size: 70,
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 64,
  tie_word_embeddings: true,
};

export const GPT2: HfConfig = {
  model_type: 'gpt2',
  vocab_size: 53,
  n_embd: 64,
  n_layer: 2,
  n_head: 4,
  n_positions: 40,
};

/** A checkpoint for a configuration. */
export function drawnDecoder(config: HfConfig): Map<string, NamedTensor> {
  const random = new SeededRandom(4, 'decoder');
  return new Map(
    decoderSpec(config).slots.map((slot) => {
      const norm = /(norm|ln_\w+)\.weight$/.test(slot.name) ? 1 : 0;
      return [
        slot.name,
        fromFloat32(
          slot.name,
          slot.shape,
          Float32Array.from({ length: slotSize(slot) }, () => norm + 0.15 * random.normal()),
        ),
      ];
    }),
  );
}
