/** For tests: a tiny random BERT encoder, as a checkpoint of the bare model holds it. */
import { SeededRandom } from '../base/random';
import { fromFloat32 } from '../formats/dtype';
import type { NamedTensor } from '../formats/tensor';
import { encoderSpec } from '../engine/models';
import type { HfConfig } from '../engine/types';

export const CONFIG = {
  model_type: 'bert',
  vocab_size: 40,
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 24,
  max_position_embeddings: 24,
  hidden_dropout_prob: 0.1,
  attention_probs_dropout_prob: 0.1,
  initializer_range: 0.02,
};

/** Names without the prefix `bert.`. */
export function checkpoint(config: HfConfig = CONFIG): Map<string, NamedTensor> {
  const random = new SeededRandom(3, 'checkpoint');
  const tensors = new Map<string, NamedTensor>();
  for (const { name, shape } of encoderSpec(config).slots) {
    const norm = /LayerNorm\.weight$/.test(name) ? 1 : 0;
    const size = shape.reduce((product, length) => product * length, 1);
    const bare = name.replace(/^bert\./, '');
    tensors.set(
      bare,
      fromFloat32(
        bare,
        shape,
        Float32Array.from({ length: size }, () => norm + 0.2 * random.normal()),
      ),
    );
  }
  return tensors;
}
