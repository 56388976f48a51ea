/** Gives layers their LoRA matrices: drawn from the seed, or from an adapter. */
import { SeededRandom } from '../../base/random';
import { TabtuneError } from '../../base/errors';
import type { LoraConfig } from '../../domain/training-config';
import type { NamedTensor } from '../../formats/tensor';
import type { AdapterPlan } from '../adapters/plan';
import { loraNames, type LoraScaling } from './linear';
import { targetLayers } from './lora';
import { checkedValues, type ParameterStore } from './parameters';

/** A linear layer that may be adapted. */
export interface AdaptableLayer {
  name: string;
  inputs: number;
  out: number;
}

/** What a model's adapter begins with. */
export interface LoraBeginning {
  lora: LoraConfig;
  seed: number;
  /** An adapter in PEFT's names to start from. */
  adapter: ReadonlyMap<string, NamedTensor> | undefined;
  /** Its layers with their ranks and scalings, where they are not those that `lora` names. */
  plan: AdapterPlan | undefined;
}

/**
 * Adds A and B to each targeted layer: A uniform in ±1/√in (Kaiming uniform with a = √5, PEFT's default), B zero; or
 * both from an adapter in PEFT's names. Throws `bad-config` for a target that matches no layer, `bad-model` naming a
 * tensor that the adapter lacks.
 */
export function attachLora(
  store: ParameterStore,
  layers: readonly AdaptableLayer[],
  { lora, seed, adapter, plan }: LoraBeginning,
): LoraScaling {
  const sizes = new Map(layers.map((layer) => [layer.name, layer]));
  const adapted = plan ? [...sizes.keys()].filter((layer) => plan.layers.has(layer)) : null;
  for (const layer of adapted ?? targetLayers([...sizes.keys()], lora.targetModules)) {
    const { out = 0, inputs = 0 } = sizes.get(layer) ?? {};
    const rank = plan?.layers.get(layer)?.rank ?? lora.rank;
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
      [rank, inputs],
      values(a, [rank, inputs], () => (2 * random.next() - 1) * bound),
      true,
    );
    store.add(
      b,
      [out, rank],
      values(b, [out, rank], () => 0),
      true,
    );
  }
  const scalings = new Map([...(plan?.layers ?? [])].map(([layer, { scaling }]) => [layer, scaling]));
  return { scaling: lora.alpha / lora.rank, scalings, dropout: lora.dropout };
}
