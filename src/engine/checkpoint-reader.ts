/** Finds the parameters that an architecture needs among a checkpoint's tensors. */
import { TabtuneError } from '../base/errors';
import { toFloat32 } from '../formats/dtype';
import type { NamedTensor } from '../formats/tensor';
import type { Slot } from './models/architecture';
import { checkShape } from './nn/parameters';

/**
 * Finds checkpoint tensors under the names in use: as they are, without the encoder's prefix, and with the old
 * gamma/beta.
 */
export class CheckpointReader {
  private readonly tensors: ReadonlyMap<string, NamedTensor>;
  private readonly prefix: string;

  constructor(tensors: ReadonlyMap<string, NamedTensor>, prefix: string) {
    this.tensors = tensors;
    this.prefix = prefix;
  }

  find(name: string): NamedTensor | undefined {
    const key = this.keyOf(name);
    return key === undefined ? undefined : this.tensors.get(key);
  }

  /** Under which of its names the checkpoint holds a parameter. */
  keyOf(name: string): string | undefined {
    const bare = name.startsWith(this.prefix) ? name.slice(this.prefix.length) : name;
    for (const candidate of [name, bare]) {
      const old = candidate
        .replace(/LayerNorm\.weight$/, 'LayerNorm.gamma')
        .replace(/LayerNorm\.bias$/, 'LayerNorm.beta');
      const found = [candidate, old].find((key) => this.tensors.has(key));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The tensor of a slot; throws `bad-model` naming one that is missing or has another shape. */
  tensor(slot: Slot): NamedTensor {
    const tensor = this.find(slot.name);
    if (!tensor)
      throw new TabtuneError('bad-model', `The checkpoint has no tensor "${slot.name}".`, {
        place: { tensor: slot.name },
        fix: 'The file may be incomplete, or belong to another architecture than config.json says.',
      });
    checkShape(tensor, slot.name, slot.shape);
    return tensor;
  }

  /** The values of a slot; throws as `tensor` does. */
  values(slot: Slot): Float32Array {
    return toFloat32(this.tensor(slot));
  }

  fits(slot: Slot): boolean {
    const shape = this.find(slot.name)?.shape;
    return (
      shape !== undefined && shape.length === slot.shape.length && shape.every((size, i) => size === slot.shape[i])
    );
  }
}
