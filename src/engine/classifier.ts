/**
 * An encoder with a head: forward pass, loss and gradients, prediction, and its weights in the names that files use.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { must } from '../base/assert';
import { throwIfCancelled } from '../base/errors';
import { nextTurn } from '../base/turn';
import { inUnit } from '../domain/target-scale';
import type { TargetScale } from '../domain/target-scale';
import type { TaskKind } from '../domain/task';
import type { Method } from '../domain/training-config';
import type { NamedTensor } from '../formats/tensor';
import { fed } from './backend/gpu-backend';
import { gpuKernels } from './backend/gpu-run';
import { padBatch, sortedBatches } from './training/batches';
import type { TokenBatch } from './models/architecture';
import { encode, firstTokens, meanPool } from './models/encoder';
import type { KnownEncoder } from './models';
import { ForwardContext, type DropoutState } from './nn/context';
import { linearLayer, type LoraScaling } from './nn/linear';
import type { ParameterStore } from './nn/parameters';
import type { LabelObjective, Targets } from './objectives/labels';
import { headInUnit } from './target-head';
import { TASKS } from './tasks';
import { Passes } from './training/passes';
import type { PreparedStep } from './training/prepared-step';
import { TrainedWeights } from './trained-weights';
import type { EncodedExample, FineTuneModel, PredictOptions } from './types';

/** Rows of features [batch, hidden] computed earlier, for a head on a frozen body. */
export interface FeatureBatch {
  batch: number;
  features: Float32Array;
}

export type ModelInput = TokenBatch | FeatureBatch;
const isFeatures = (input: ModelInput): input is FeatureBatch => 'features' in input;

const shapeOf = (input: ModelInput): string =>
  isFeatures(input) ? `${input.batch} rows` : `${input.batch} × ${input.length}${input.typeIds ? ' pairs' : ''}`;

const sizeOf = (input: ModelInput): number => (isFeatures(input) ? input.batch : input.batch * input.length);

/** A batch whose results have not been read yet. */
interface PassUnderway {
  batch: readonly number[];
  values: Promise<Float32Array[]>;
}

/** One micro-batch with its labels. */
export interface LabelledBatch {
  input: ModelInput;
  targets: Targets;
}

/**
 * `pooler`: the architecture's own classification head. `mean-pooled`: mean of the states → one linear layer. `token`:
 * a label a token.
 */
export type HeadKind = 'pooler' | 'mean-pooled' | 'token';

export interface ClassifierParts {
  spec: KnownEncoder;
  task: TaskKind;
  method: Method;
  head: HeadKind;
  labels: readonly string[];
  parameters: ParameterStore;
  lora: LoraScaling | null;
  headFromCheckpoint: boolean;
  /** Whether the checkpoint's head was left out, because one of numbers and logarithms is no use for the other. */
  passedOver: boolean;
  /** How numbers are learned. */
  targets: TargetScale;
  /** Parameters of the layer that answers. */
  lastLayer: ReadonlySet<string>;
}

export class Classifier extends TrainedWeights implements FineTuneModel {
  readonly labels: readonly string[];
  readonly method: Method;
  readonly headFromCheckpoint: boolean;
  readonly maxPositions: number;
  readonly outputs: number;
  private readonly parts: ClassifierParts;
  private readonly passes = new Passes(() => this.tensors());
  /** Under a frozen body: features of examples that have been met. */
  private readonly known = new WeakMap<EncodedExample, Float32Array>();

  constructor(parts: ClassifierParts) {
    super(parts.parameters, parts.lora);
    this.parts = parts;
    this.labels = parts.labels;
    this.method = parts.method;
    this.headFromCheckpoint = parts.headFromCheckpoint;
    this.maxPositions = parts.spec.maxPositions;
    this.outputs = TASKS[parts.task].outputs(parts.labels.length);
  }

  get task(): TaskKind {
    return this.parts.task;
  }

  /** Whether a head that came with the checkpoint was of no use for such numbers. */
  get headPassedOver(): boolean {
    return this.parts.passedOver;
  }

  /** How it learns numbers. */
  get targets(): TargetScale {
    return this.parts.targets;
  }

  /** Parameters of the layer that answers. */
  get lastLayer(): ReadonlySet<string> {
    return this.parts.lastLayer;
  }

  get hiddenSize(): number {
    return this.parts.spec.hiddenSize;
  }

  /** Pads examples for this model. */
  pad(examples: readonly EncodedExample[]): TokenBatch {
    return padBatch(examples, this.parts.spec.padId, this.maxPositions);
  }

  /** Last hidden states [batch·length, hidden] in evaluation mode. */
  states(input: TokenBatch): tf.Tensor2D {
    const { parameters, spec, lora } = this.parts;
    return encode(spec, { context: new ForwardContext(parameters, null), lora, batch: input });
  }

  /** Mean-pooled states [batch, hidden] in evaluation mode. */
  pooled(input: TokenBatch): tf.Tensor2D {
    return meanPool(this.states(input), input);
  }

  /** Logits [rows, outputs]; rows are tokens for a token head. Without `dropout` in evaluation mode. */
  logits(input: ModelInput, dropout: DropoutState | null): tf.Tensor2D {
    const { spec, parameters, lora, head } = this.parts;
    const context = new ForwardContext(parameters, dropout);
    if (head === 'mean-pooled') {
      const features = isFeatures(input)
        ? fed<tf.Rank.R2>([input.batch, spec.hiddenSize], 'float32', () => input.features)
        : this.pooled(input);
      return linearLayer(context, features, 'linear', null);
    }
    const batch = input as TokenBatch;
    const states = encode(spec, { context, lora, batch });
    if (head === 'token')
      return linearLayer(context, context.dropout(states, spec.classifierDropout), 'classifier', null);
    return spec.head(context, firstTokens(states, batch), lora);
  }

  /**
   * One optimizer step; micro-batches are divided by the labels of all of them together, so that the step equals the
   * big batch's.
   * @param dropout.step counts micro-batches over the run
   */
  prepare(micro: readonly LabelledBatch[], objective: LabelObjective, dropout: DropoutState | null): PreparedStep {
    const denominator = micro.reduce((sum, { targets }) => sum + objective.count(targets), 0);
    const data = { micro, dropout, denominator };
    return {
      size: Math.max(...micro.map(({ input }) => sizeOf(input))),
      shape: [...micro.map(({ input }) => shapeOf(input)), dropout ? 'with dropout' : ''].join(', '),
      data,
      run: () =>
        this.summed(data, ({ input, targets }, state) => objective.cost(this.logits(input, state), targets, data)),
    };
  }

  async predict(examples: readonly EncodedExample[], options: PredictOptions = {}): Promise<Float32Array[]> {
    return (await this.predictLearned(examples, options)).map((row) => this.answer(row));
  }

  /** Logits as they are what a person reads: numbers in their unit. */
  answer(logits: Float32Array): Float32Array {
    return this.task === 'regression' ? logits.map((value) => inUnit(this.targets, value)) : logits;
  }

  private async predictLearned(examples: readonly EncodedExample[], options: PredictOptions): Promise<Float32Array[]> {
    if (this.parts.head !== 'mean-pooled') return this.predictRows(lengthsOf(examples), this.padder(examples), options);
    const features = await this.features(examples, options);
    return this.predictRows(
      features.map(() => 1),
      (indices) => this.joined(indices.map((i) => must(features[i], 'features'))),
      { ...options, onProgress: undefined },
    );
  }

  /** Mean-pooled states a row, for a head on a frozen body: computed once for each example. */
  async features(examples: readonly EncodedExample[], options: PredictOptions = {}): Promise<Float32Array[]> {
    const fresh = examples.filter((example) => !this.known.has(example));
    const computed = await this.perRow('pooled', lengthsOf(fresh), this.padder(fresh), options, (input) =>
      this.pooled(input as TokenBatch),
    );
    fresh.forEach((example, i) => this.known.set(example, must(computed[i], 'features')));
    return examples.map((example) => must(this.known.get(example), 'features'));
  }

  /** Logits a row for inputs made on demand from row indices; numbers as they are learned. */
  async predictRows(
    lengths: readonly number[],
    input: (indices: readonly number[]) => ModelInput,
    options: PredictOptions = {},
  ): Promise<Float32Array[]> {
    return this.perRow('logits', lengths, input, options, (batch) => this.logits(batch, null));
  }

  /** Features of rows side by side. */
  joined(features: readonly Float32Array[]): FeatureBatch {
    const width = features[0]?.length ?? 0;
    const flat = new Float32Array(features.length * width);
    features.forEach((row, i) => flat.set(row, i * width));
    return { batch: features.length, features: flat };
  }

  override dispose(): void {
    this.passes.dispose();
    super.dispose();
  }

  /** Batches to be evaluated. */
  private padder(examples: readonly EncodedExample[]): (indices: readonly number[]) => TokenBatch {
    const { spec } = this.parts;
    return (indices) =>
      padBatch(
        indices.map((i) => must(examples[i], 'example')),
        spec.padId,
        this.maxPositions,
        gpuKernels() === null,
      );
  }

  private async perRow(
    kind: string,
    lengths: readonly number[],
    input: (indices: readonly number[]) => ModelInput,
    options: PredictOptions,
    run: (input: ModelInput) => tf.Tensor2D,
  ): Promise<Float32Array[]> {
    const rows = new Array<Float32Array>(lengths.length);
    let done = 0;
    const take = async ({ batch, values }: PassUnderway): Promise<void> => {
      const [found] = await values;
      const width = must(found, 'results').length / batch.length;
      batch.forEach((i, row) => (rows[i] = must(found, 'results').slice(row * width, (row + 1) * width)));
      options.onProgress?.((done += batch.length), lengths.length);
    };
    let underway: PassUnderway | null = null;
    try {
      for (const batch of sortedBatches(lengths, options.batchSize ?? 32)) {
        throwIfCancelled(options.signal);
        const data = input(batch);
        const before: PassUnderway | null = underway;
        underway = {
          batch,
          values: this.passes.values({
            shape: `${kind} of ${shapeOf(data)}`,
            size: sizeOf(data),
            data,
            run: (given) => [run(given)],
          }),
        };
        // Awaited later; until then a failure is nobody's.
        underway.values.catch(() => undefined);
        // The GPU has the next batch while this side reads the one before.
        if (before) await take(before);
        await nextTurn();
      }
      if (underway) await take(underway);
      return rows;
    } finally {
      await underway?.values.catch(() => undefined);
    }
  }

  protected override forOthers(tensor: NamedTensor): NamedTensor {
    const { lastLayer, task, targets } = this.parts;
    return task === 'regression' && lastLayer.has(tensor.name) ? headInUnit(tensor, targets) : tensor;
  }

  /** Under a head of our own the body is exported as the bare encoder, whose names have no prefix. */
  protected override mergedName(name: string): string {
    const { head, spec } = this.parts;
    return head === 'mean-pooled' && name.startsWith(spec.prefix) ? name.slice(spec.prefix.length) : name;
  }
}

const lengthsOf = (examples: readonly EncodedExample[]): number[] => examples.map(({ ids }) => ids.length);
