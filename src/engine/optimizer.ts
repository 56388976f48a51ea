/** AdamW over a model's trained parameters, with clipping by the global norm. */
import type * as tf from '@tensorflow/tfjs-core';
import { TabtuneError } from '../base/errors';
import { fromFloat32 } from '../formats/dtype';
import type { NamedTensor } from '../formats/tensor';
import { adamw, disposeMoments, globalNorm, momentsFrom, newMoments, readMoments, type Moments } from './kernels/adamw/op';
import { checkedValues, type Parameter } from './nn/parameters';

/** torch.optim.AdamW's names of the two moments. */
const FIRST = 'exp_avg';
const SECOND = 'exp_avg_sq';

export interface AdamWOptions {
  weightDecay: number;
  /** 0 switches clipping off. */
  maxGradNorm: number;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
}

export class AdamW {
  private moments: Moments[];
  private readonly parameters: readonly Parameter[];
  private readonly options: Required<AdamWOptions>;
  private steps = 0;

  constructor(parameters: readonly Parameter[], options: AdamWOptions) {
    this.parameters = parameters;
    this.options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, ...options };
    this.moments = parameters.map((parameter) => newMoments(parameter.tensor.shape));
  }

  /**
   * One update; parameters of one dimension (biases, norms) are not decayed. The gradients are disposed.
   * @param gradients in the order of the parameters
   * @returns the global norm before clipping
   * @throws `numbers` when the norm is not finite; nothing has been updated then
   */
  async step(gradients: readonly tf.Tensor[], learningRate: number): Promise<number> {
    try {
      const norm = await globalNorm(gradients);
      if (!Number.isFinite(norm)) throw new TabtuneError('numbers', `The gradient is ${norm}.`, { fix: 'Lower the learning rate, or check the rows of this step for extreme values.' });
      this.update(gradients, learningRate, norm);
      return norm;
    } finally {
      gradients.forEach((gradient) => gradient.dispose());
    }
  }

  private update(gradients: readonly tf.Tensor[], learningRate: number, norm: number): void {
    const { beta1, beta2, epsilon, weightDecay, maxGradNorm } = this.options;
    this.steps++;
    // The 1e-6 is torch's, in clip_grad_norm_.
    const scale = maxGradNorm > 0 ? Math.min(1, maxGradNorm / (norm + 1e-6)) : 1;
    const corrections = { correction1: 1 - beta1 ** this.steps, correction2: 1 - beta2 ** this.steps };
    const updates = this.parameters.map((parameter, i) => ({
      weight: parameter.tensor,
      replace: (next: tf.Tensor) => {
        parameter.replace(next);
      },
      gradient: gradients[i] as tf.Tensor,
      moments: this.moments[i] as Moments,
      step: { learningRate, beta1, beta2, epsilon, decay: parameter.tensor.rank > 1 ? weightDecay : 0, ...corrections },
    }));
    adamw(updates, scale);
  }

  /** The moments as F32 tensors named `<parameter>.exp_avg` and `<parameter>.exp_avg_sq`. */
  async state(): Promise<NamedTensor[]> {
    const out: NamedTensor[] = [];
    for (const [i, { name, tensor }] of this.parameters.entries()) {
      const { first, second } = await readMoments(this.moments[i] as Moments);
      out.push(fromFloat32(`${name}.${FIRST}`, tensor.shape, first), fromFloat32(`${name}.${SECOND}`, tensor.shape, second));
    }
    return out;
  }

  /**
   * Goes on from `state()` as it was after `steps` updates.
   * @throws `bad-model` naming a moment that is missing or of another shape; nothing has changed then
   */
  restore(tensors: readonly NamedTensor[], steps: number): void {
    const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    const values = (name: string, shape: readonly number[]): Float32Array => {
      const found = byName.get(name);
      if (!found) throw new TabtuneError('bad-model', `The optimizer's state has no "${name}".`, { place: { tensor: name } });
      return checkedValues(found, name, shape);
    };
    const read = this.parameters.map(({ name, tensor: { shape } }) => ({ shape, first: values(`${name}.${FIRST}`, shape), second: values(`${name}.${SECOND}`, shape) }));
    this.dispose();
    this.moments = read.map(({ shape, ...both }) => momentsFrom(shape, both));
    this.steps = steps;
  }

  dispose(): void {
    this.moments.forEach(disposeMoments);
  }
}
