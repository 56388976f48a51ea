/** AdamW over a model's trained parameters, with clipping by the global norm. */
import type * as tf from '@tensorflow/tfjs-core';
import { TabtuneError } from '../base/errors';
import { adamw, disposeMoments, globalNorm, newMoments, type Moments } from './kernels/adamw/op';
import type { Parameter } from './nn/parameters';

export interface AdamWOptions {
  weightDecay: number;
  /** 0 switches clipping off. */
  maxGradNorm: number;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
}

export class AdamW {
  private readonly moments: Moments[];
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
    const norm = await globalNorm(gradients);
    try {
      if (!Number.isFinite(norm)) throw new TabtuneError('numbers', `The gradient is ${norm}.`, { fix: 'Lower the learning rate, or check the rows of this step for extreme values.' });
      this.update(gradients, learningRate, norm);
    } finally {
      gradients.forEach((gradient) => gradient.dispose());
    }
    return norm;
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

  dispose(): void {
    this.moments.forEach(disposeMoments);
  }
}
