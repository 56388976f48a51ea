/** AdamW over a model's trained parameters, with clipping by the global norm. */
import * as tf from '@tensorflow/tfjs-core';
import { must } from '../../base/assert';
import { TabtuneError } from '../../base/errors';
import { fromFloat32 } from '../../formats/dtype';
import type { NamedTensor } from '../../formats/tensor';
import { fromGpu } from '../backend/gpu-device';
import type { GpuBackend } from '../backend/gpu-backend';
import { gpuKernels } from '../backend/gpu-run';
import { readResults } from '../backend/read-results';
import {
  adamw,
  disposeMoments,
  globalNorm,
  momentsFrom,
  newMoments,
  readMoments,
  tensorsOf,
  type Moments,
  type MomentValues,
} from '../kernels/adamw/op';
import type { AdamWStep } from '../kernels/adamw/step';
import { newBuffers, readStatus, STATUS_BYTES, updateAll, type UpdateBuffers } from '../kernels/adamw/webgpu';
import { checkedValues, type Parameter } from '../nn/parameters';
import { byWeight, join, split, wholeShape } from '../nn/shards';

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

/** torch.nn.utils.clip_grad_norm_'s. */
const CLIP_EPSILON = 1e-6;

/** What an update found. */
export interface Updated {
  gradientNorm: number;
  bad: boolean;
}

export class AdamW {
  private moments: Moments[];
  private readonly parameters: readonly Parameter[];
  private readonly options: Required<AdamWOptions>;
  private steps = 0;
  private learningRate = 0;
  private buffers: UpdateBuffers | null = null;

  constructor(parameters: readonly Parameter[], options: AdamWOptions) {
    this.parameters = parameters;
    this.options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, ...options };
    this.moments = parameters.map((parameter) => newMoments(parameter.tensor.shape));
  }

  /**
   * One update; parameters of one dimension (biases, norms) are not decayed. The gradients are disposed.
   * @param gradients in the order of the parameters
   * @returns the global norm before clipping; `bad` when it is not finite: nothing has been updated then
   */
  async step(gradients: readonly tf.Tensor[], learningRate: number): Promise<Updated> {
    try {
      const gpu = gpuKernels();
      if (gpu) return await this.stepOnGpu(gpu, gradients, learningRate);
      const gradientNorm = await globalNorm(gradients);
      const bad = !Number.isFinite(gradientNorm);
      if (!bad) this.update(gradients, learningRate, gradientNorm);
      return { gradientNorm, bad };
    } finally {
      gradients.forEach((gradient) => gradient.dispose());
    }
  }

  /** Counts a step that `enqueue` is about to run, or a replay of it. */
  advance(learningRate: number): void {
    this.steps++;
    this.learningRate = learningRate;
  }

  /** Takes back what `advance` has counted. */
  takeBack(): void {
    this.steps--;
  }

  /**
   * Encodes the update of the step that `advance` has counted; nothing waits for the GPU. The gradients are not
   * disposed.
   * @param loss judged with the gradients: when one of them is not finite nothing is updated
   * @param keepsBad later updates change nothing either then
   * @returns where the status is left (kernels/adamw/webgpu)
   */
  enqueue(gpu: GpuBackend, gradients: readonly tf.Tensor[], loss: tf.Tensor, keepsBad: boolean): GPUBuffer {
    const buffers = (this.buffers ??= newBuffers(gpu));
    const updates = this.parameters.map((parameter, i) => {
      const { first, second } = tensorsOf(must(this.moments[i]));
      return {
        weight: parameter.tensor,
        gradient: must(gradients[i], 'gradient'),
        first,
        second,
        step: () => this.constants(parameter),
      };
    });
    tf.tidy(() => {
      updateAll(gpu, updates, { most: this.options.maxGradNorm, loss, keepsBad }, buffers);
    });
    return buffers.status;
  }

  /** Every tensor that an update changes in place on the GPU. */
  updated(): tf.Tensor[] {
    return this.parameters.flatMap(({ tensor }, i) => {
      const { first, second } = tensorsOf(must(this.moments[i]));
      return [tensor, first, second];
    });
  }

  private async stepOnGpu(gpu: GpuBackend, gradients: readonly tf.Tensor[], learningRate: number): Promise<Updated> {
    this.advance(learningRate);
    const none = tf.fill([1], 0);
    const buffer = this.enqueue(gpu, gradients, none, false);
    const [values] = await fromGpu(readResults(gpu, [{ buffer, size: STATUS_BYTES }])).finally(() => none.dispose());
    const { norm, bad } = readStatus(values as Float32Array);
    if (bad) this.takeBack();
    return { gradientNorm: norm, bad };
  }

  /** What the update of a parameter takes at this step. */
  private constants(parameter: Parameter): AdamWStep {
    const { beta1, beta2, epsilon, weightDecay } = this.options;
    const { learningRate, steps } = this;
    return {
      learningRate,
      beta1,
      beta2,
      epsilon,
      decay: parameter.tensor.rank > 1 ? weightDecay : 0,
      correction1: 1 - beta1 ** steps,
      correction2: 1 - beta2 ** steps,
    };
  }

  private update(gradients: readonly tf.Tensor[], learningRate: number, norm: number): void {
    this.advance(learningRate);
    const { maxGradNorm } = this.options;
    const updates = this.parameters.map((parameter, i) => ({
      weight: parameter.tensor,
      replace: (next: tf.Tensor) => {
        parameter.replace(next);
      },
      gradient: must(gradients[i], 'gradient'),
      moments: must(this.moments[i]),
      step: this.constants(parameter),
    }));
    adamw(updates, maxGradNorm > 0 ? Math.min(1, maxGradNorm / (norm + CLIP_EPSILON)) : 1);
  }

  /** The moments as F32 tensors named `<parameter>.exp_avg` and `<parameter>.exp_avg_sq`. */
  async state(): Promise<NamedTensor[]> {
    const out: NamedTensor[] = [];
    for (const shards of byWeight(
      this.parameters.map(({ name, tensor: { shape } }, i) => ({ name, shape, moments: must(this.moments[i]) })),
    )) {
      const read: MomentValues[] = [];
      for (const { moments } of shards) read.push(await readMoments(moments));
      const [name, shape] = [shards[0]?.name ?? '', wholeShape(shards.map(({ shape }) => shape))];
      out.push(
        fromFloat32(`${name}.${FIRST}`, shape, join(read.map(({ first }) => first))),
        fromFloat32(`${name}.${SECOND}`, shape, join(read.map(({ second }) => second))),
      );
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
      if (!found)
        throw new TabtuneError('bad-model', `The optimizer's state has no "${name}".`, { place: { tensor: name } });
      return checkedValues(found, name, shape);
    };
    const read = byWeight(this.parameters).flatMap((shards) => {
      const [name, shape] = [shards[0]?.name ?? '', wholeShape(shards.map(({ tensor }) => tensor.shape))];
      const [first, second] = [
        split(values(`${name}.${FIRST}`, shape), shards),
        split(values(`${name}.${SECOND}`, shape), shards),
      ];
      return shards.map(({ tensor }, i) => ({
        shape: tensor.shape,
        first: must(first[i], 'moments'),
        second: must(second[i], 'moments'),
      }));
    });
    this.dispose();
    this.moments = read.map(({ shape, ...both }) => momentsFrom(shape, both));
    this.steps = steps;
  }

  dispose(): void {
    this.moments.forEach(disposeMoments);
    this.buffers?.status.destroy();
    this.buffers?.step.destroy();
    this.buffers = null;
  }
}
