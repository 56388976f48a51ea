/** The weights of a model in training, in the names that files use: what every kind of model does with them alike. */
import * as tf from '@tensorflow/tfjs-core';
import { must } from '../base/assert';
import type { NamedTensor } from '../formats/tensor';
import { live } from './backend/recording';
import { product } from './kernels/linear/op';
import type { DropoutState } from './nn/context';
import { valueAndGradients } from './nn/gradients';
import { loraNames, type LoraScaling } from './nn/linear';
import type { Parameter, ParameterStore } from './nn/parameters';
import { readBack, type Part } from './nn/shards';
import type { Cost } from './objectives/objective';
import type { MicroBatches, StepTensors } from './training/prepared-step';

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
    return this.trainedParameters().reduce((sum, parameter) => sum + parameter.size, 0);
  }

  get totalParameters(): number {
    return this.store.all().reduce((sum, parameter) => sum + parameter.size, 0);
  }

  /**
   * The parameters that training changes, in the order of the gradients; shards of one are neighbours and share its
   * name.
   */
  trainedParameters(): Parameter[] {
    return this.store.trainable();
  }

  /** Every tensor that the model computes with. */
  tensors(): tf.Tensor[] {
    return this.store.all().map(({ held }) => held);
  }

  /** Trainable parameters as they are now: enough, with the base checkpoint, to rebuild the model. */
  async trained(): Promise<NamedTensor[]> {
    return readBack(this.trainedParameters());
  }

  /** Puts trained() values back. Throws `bad-model` naming a tensor that does not fit. */
  restore(tensors: ReadonlyMap<string, NamedTensor>): void {
    this.store.restore(tensors);
  }

  /**
   * All parameters under Hugging Face names, LoRA merged into its layers. A packed base counts as the values of its
   * blocks, with which the adapter was trained and everything was computed: what is exported answers as the model did
   * here. To merge an adapter into a checkpoint's own values, build the model with the base as floats from that
   * adapter.
   */
  async merged(): Promise<NamedTensor[]> {
    const kept = this.store.all().filter(({ name }) => !/\.lora_[AB]\.weight$/.test(name));
    const merged = await readBack(
      kept.flatMap((parameter) =>
        this.mergedParts(parameter).map((part) => ({ ...part, name: this.mergedName(part.name) })),
      ),
    );
    return merged.map((tensor) => this.forOthers(tensor));
  }

  /** The PEFT adapter's tensors under PEFT's file names (LoRA only). */
  async adapter(): Promise<NamedTensor[]> {
    return (await this.trained()).map((tensor) => ({
      ...this.forOthers(tensor),
      name: `base_model.model.${tensor.name}`,
    }));
  }

  dispose(): void {
    this.store.dispose();
  }

  /**
   * Adds up losses and gradients of micro-batches; when one of them fails, nothing of the others is left.
   * @param costOf what one costs, with the state of its dropout
   * @returns to be disposed by the caller
   */
  protected summed<B>(
    { micro, dropout }: MicroBatches<B>,
    costOf: (batch: B, state: DropoutState | null) => Cost,
  ): StepTensors {
    const weights = this.trainedParameters().map((parameter) => parameter.tensor);
    const sum: tf.Tensor[] = [];
    const kept: tf.Tensor[] = [];
    const lossOf = (batch: B, state: DropoutState | null): tf.Scalar => {
      const { loss, values } = costOf(batch, state);
      if (values) kept.push(tf.keep(tf.clone(values)));
      return loss;
    };
    try {
      for (const [i, batch] of micro.entries()) {
        const state = dropout && live(() => ({ seed: dropout.seed, step: dropout.step + i }));
        const { value, gradients } = valueAndGradients(() => lossOf(batch, state), weights);
        sum.splice(0, sum.length, ...(i === 0 ? [value, ...gradients] : sumPairs(sum, [value, ...gradients])));
      }
    } catch (thrown) {
      tf.dispose([...sum, ...kept]);
      throw thrown;
    }
    const [loss, ...gradients] = sum;
    return { loss: must(loss, 'loss'), gradients, values: kept };
  }

  /** A tensor as files for others hold it. */
  protected forOthers(tensor: NamedTensor): NamedTensor {
    return tensor;
  }

  /** The name of a parameter in `merged()`. */
  protected mergedName(name: string): string {
    return name;
  }

  /** W + s·B·A where a layer is adapted, in W's layout; else the parameter's own values, in parts. */
  private mergedParts(parameter: Parameter): Part[] {
    const { name } = parameter;
    const { a, b } = loraNames(name.replace(/\.weight$/, ''));
    const { scaling } = this;
    if (!scaling || !this.store.has(a)) return this.store.parts(parameter);
    const merged = (): tf.Tensor => {
      const update = product(this.store.get(b).floats, this.store.get(a).floats);
      const factor = scaling.scalings.get(name.replace(/\.weight$/, '')) ?? scaling.scaling;
      return tf.add(parameter.values(), tf.mul(this.fanInFanOut ? tf.transpose(update) : update, factor));
    };
    return [{ name, values: () => tf.tidy(merged) }];
  }
}

/** Element-wise sums; both operands are disposed, also on failure. */
function sumPairs(a: tf.Tensor[], b: tf.Tensor[]): tf.Tensor[] {
  try {
    return tf.tidy(() => a.map((tensor, i) => tf.add(tensor, must(b[i], 'gradient'))));
  } finally {
    tf.dispose([...a, ...b]);
  }
}
