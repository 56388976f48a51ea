/** The weights of a model in training, in the names that files use: what every kind of model does with them alike. */
import * as tf from '@tensorflow/tfjs-core';
import { must } from '../base/assert';
import type { NamedTensor } from '../formats/tensor';
import { product } from './kernels/linear/op';
import { loraNames, type LoraScaling } from './nn/linear';
import { readBack, type Parameter, type ParameterStore } from './nn/parameters';

export abstract class TrainedWeights {
  private readonly store: ParameterStore;
  private readonly scaling: LoraScaling | null;
  private readonly fanInFanOut: boolean;

  /** @param fanInFanOut whether adapted weights are stored [in, out] */
  protected constructor(store: ParameterStore, lora: LoraScaling | null, fanInFanOut = false) {
    this.store = store;
    this.scaling = lora;
    this.fanInFanOut = fanInFanOut;
  }

  get trainableParameters(): number {
    return this.trainedParameters().reduce((sum, parameter) => sum + parameter.tensor.size, 0);
  }

  get totalParameters(): number {
    return this.store.all().reduce((sum, parameter) => sum + parameter.tensor.size, 0);
  }

  /** The parameters that training changes, in the order of the gradients. */
  trainedParameters(): Parameter[] {
    return this.store.trainable();
  }

  /** Trainable parameters as they are now: enough, with the base checkpoint, to rebuild the model. */
  async trained(): Promise<NamedTensor[]> {
    return readBack(this.trainedParameters());
  }

  /** Puts trained() values back. Throws `bad-model` naming a tensor that does not fit. */
  restore(tensors: ReadonlyMap<string, NamedTensor>): void {
    this.store.restore(tensors);
  }

  /** All parameters under Hugging Face names, LoRA merged into its layers. */
  async merged(): Promise<NamedTensor[]> {
    const out: NamedTensor[] = [];
    for (const parameter of this.store.all()) {
      if (/\.lora_[AB]\.weight$/.test(parameter.name)) continue;
      const layer = parameter.name.replace(/\.weight$/, '');
      const name = this.mergedName(parameter.name);
      if (!this.scaling || !this.store.has(loraNames(layer).a)) out.push(...(await readBack([{ name, tensor: parameter.tensor }])));
      else {
        const { scaling } = this.scaling;
        const sum = tf.tidy(() => this.mergedWeight(layer, scaling));
        out.push(...(await readBack([{ name, tensor: sum }])));
        sum.dispose();
      }
    }
    return out;
  }

  /** The PEFT adapter's tensors under PEFT's file names (LoRA only). */
  async adapter(): Promise<NamedTensor[]> {
    return (await this.trained()).map((tensor) => ({ ...tensor, name: `base_model.model.${tensor.name}` }));
  }

  dispose(): void {
    this.store.dispose();
  }

  /** The name of a parameter in `merged()`. */
  protected mergedName(name: string): string {
    return name;
  }

  /** W + s·B·A of one layer, in W's layout. */
  private mergedWeight(layer: string, scaling: number): tf.Tensor {
    const { a, b } = loraNames(layer);
    const update = product(this.store.get(b).tensor as tf.Tensor2D, this.store.get(a).tensor as tf.Tensor2D);
    return tf.add(this.store.get(`${layer}.weight`).tensor, tf.mul(this.fanInFanOut ? tf.transpose(update) : update, scaling));
  }
}

/** Element-wise sums; both operands are disposed. */
export function sumPairs(a: readonly tf.Tensor[], b: readonly tf.Tensor[]): tf.Tensor[] {
  const sums = a.map((tensor, i) => tf.add(tensor, must(b[i], 'gradient')));
  tf.dispose([...a, ...b]);
  return sums;
}
