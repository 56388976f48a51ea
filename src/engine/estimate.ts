/** Bytes and steps of a run before it starts, from sizes alone. */
import type { TrainingConfig } from '../domain/training-config';
import { linearSlots, slotSize } from './models/architecture';
import { encoderSpec } from './models';
import { belongsTo, matchesModule } from './nn/lora';
import type { HfConfig } from './types';

export interface RunEstimate {
  parameters: number;
  trainableParameters: number;
  /** Weights, gradients, optimizer moments and the activations kept for the gradient at the longest batch. */
  bytes: number;
  steps: number;
}

/** Floats that one layer keeps for its gradient, a token: inputs and outputs of its products, norms and activation. */
const KEPT_HIDDEN = 12;
const KEPT_INTERMEDIATE = 4;

/** @param lengths longest input of the run in tokens */
export function estimateMemory(
  config: HfConfig,
  training: TrainingConfig,
  lengths: { longest: number },
  examples: number,
  labels: number,
): RunEstimate {
  const spec = encoderSpec(config);
  const { method, lora } = training;
  const body = spec.slots;
  const head = method === 'head' ? linearSlots('linear', labels, spec.hiddenSize, true) : spec.headSlots(labels);
  const all = [...body, ...head];
  let parameters = all.reduce((sum, slot) => sum + slotSize(slot), 0);
  let trainable = parameters;
  if (method === 'head') trainable = head.reduce((sum, slot) => sum + slotSize(slot), 0);
  if (method === 'lora') {
    const saved = all.filter((slot) => belongsTo(slot.name, lora.modulesToSave));
    const targets = all.filter(
      (slot) =>
        slot.shape.length === 2 &&
        !saved.includes(slot) &&
        !slot.name.includes('embeddings.') &&
        lora.targetModules.some((target) => matchesModule(slot.name.replace(/\.weight$/, ''), target)),
    );
    const adapters = targets.reduce((sum, slot) => sum + lora.rank * ((slot.shape[0] ?? 0) + (slot.shape[1] ?? 0)), 0);
    trainable = adapters + saved.reduce((sum, slot) => sum + slotSize(slot), 0);
    parameters += adapters;
  }
  const length = Math.min(training.maxLength, lengths.longest);
  const tokens = training.batchSize * length;
  const layer =
    tokens * (KEPT_HIDDEN * spec.hiddenSize + KEPT_INTERMEDIATE * spec.intermediateSize) +
    training.batchSize * spec.heads * length * length;
  // A frozen body runs layer by layer without keeping anything; its features are kept instead.
  const activations = method === 'head' ? layer + examples * spec.hiddenSize : layer * spec.layers;
  const steps = Math.ceil(Math.ceil(examples / training.batchSize) / training.gradientAccumulation) * training.epochs;
  return { parameters, trainableParameters: trainable, bytes: 4 * (parameters + 3 * trainable + activations), steps };
}
