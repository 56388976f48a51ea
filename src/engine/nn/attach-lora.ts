/** Gives layers their LoRA matrices: drawn from the seed, or from an adapter. */
import { SeededRandom } from '../../base/random';
import { TabtuneError } from '../../base/errors';
import type { LoraConfig } from '../../domain/training-config';
import type { NamedTensor } from '../../formats/tensor';
import { loraNames, type LoraScaling } from './linear';
import { targetLayers } from './lora';
import { checkedValues, type ParameterStore } from './parameters';

/** A linear layer that may be adapted. */
export interface AdaptableLayer {
  name: string;
  inputs: number;
  out: number;
}

/**
 * Adds A and B to each targeted layer: A uniform in ±1/√in (Kaiming uniform with a = √5, PEFT's default), B zero; or
 * both from an adapter in PEFT's names. Throws `bad-config` for a target that matches no layer, `bad-model` naming a
 * tensor that the adapter lacks.
 */
export function attachLora(
  store: ParameterStore,
  layers: readonly AdaptableLayer[],
  lora: LoraConfig,
  seed: number,
  adapter: ReadonlyMap<string, NamedTensor> | undefined,
): LoraScaling {
  const sizes = new Map(layers.map((layer) => [layer.name, layer]));
  for (const layer of targetLayers([...sizes.keys()], lora.targetModules)) {
    const { out = 0, inputs = 0 } = sizes.get(layer) ?? {};
    const { a, b } = loraNames(layer);
    const random = new SeededRandom(seed, a);
    const bound = 1 / Math.sqrt(inputs);
    const values = (name: string, shape: [number, number], fresh: () => number): Float32Array => {
      const given = adapter?.get(`base_model.model.${name}`);
      if (adapter && !given)
        throw new TabtuneError('bad-model', `The adapter has no tensor for "${name}".`, { place: { tensor: name } });
      return given ? checkedValues(given, name, shape) : Float32Array.from({ length: shape[0] * shape[1] }, fresh);
    };
    store.add(
      a,
      [lora.rank, inputs],
      values(a, [lora.rank, inputs], () => (2 * random.next() - 1) * bound),
      true,
    );
    store.add(
      b,
      [out, lora.rank],
      values(b, [out, lora.rank], () => 0),
      true,
    );
  }
  return { scaling: lora.alpha / lora.rank, dropout: lora.dropout };
}
