/**
 * Parity cases of decoders: answers, accumulated steps and preferences, against what transformers and PEFT compute.
 * Node only.
 */
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { must } from '../../base/assert';
import { toFloat32 } from '../../formats/dtype';
import type { NamedTensor } from '../../formats/tensor';
import { buildLanguageModel } from '../build-language-model';
import {
  joinSequences,
  type LanguageModel,
  type MarkedBatch,
  type MarkedSequence,
  type PreferenceBatch,
} from '../language-model';
import { AdamW } from '../training/optimizer';
import {
  compare,
  countLoss,
  json,
  parameterError,
  tensorsOf,
  trainingFor,
  within,
  worst,
  type CaseResult,
  type Difference,
  type Expected,
} from './case';
import { learningRateAt } from '../training/schedule';

const KINDS = ['lm', 'accumulate', 'dpo'];
export const isLanguageKind = (task: string): boolean => KINDS.includes(task);

interface RawBatch {
  input_ids: number[][];
  attention_mask: number[][];
  labels: number[][];
}

interface LanguageExpected extends Expected {
  recipe: Expected['recipe'] & { beta?: number };
  rewards?: Record<'chosen' | 'rejected' | 'margin' | 'accuracy', number[]>;
}

/** Rows of a padded batch as sequences of their own lengths. */
function sequencesOf({ input_ids: rows, attention_mask: masks, labels }: RawBatch): MarkedSequence[] {
  return rows.map((row, b) => {
    const length = must(masks[b], 'mask').reduce((sum, real) => sum + real, 0);
    const trained = must(labels[b], 'labels').slice(0, length);
    return {
      ids: Int32Array.from(row.slice(0, length)),
      trained: Uint8Array.from(trained, (label) => (label === -100 ? 0 : 1)),
    };
  });
}

/** transformers' logits [B, S, V] at real tokens, row after row. */
function realLogits(tensor: NamedTensor, { lengths }: MarkedBatch): Float32Array {
  const values = toFloat32(tensor);
  const [, length = 0, width = 0] = tensor.shape;
  const parts = lengths.map((real, b) => values.subarray(b * length * width, (b * length + real) * width));
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (out.set(part, at), at + part.length), 0);
  return out;
}

async function logitsOf(model: LanguageModel, batch: MarkedBatch): Promise<Float32Array> {
  const logits = tf.tidy(() => model.logitsOf(model.states(batch, null)));
  const values = await logits.data<'float32'>();
  logits.dispose();
  return values;
}

interface Step {
  loss: number;
  gradients: tf.Tensor[];
}

/** How step `i` of a case is computed; rewards are held against PyTorch's on the way. */
async function stepper(
  model: LanguageModel,
  expected: LanguageExpected,
  batches: readonly MarkedSequence[][],
): Promise<(i: number) => Promise<Step>> {
  const at = (i: number): MarkedSequence[] => must(batches[i % batches.length], 'batch');
  if (expected.task === 'accumulate')
    return (i) => model.lossAndGradients([joinSequences(at(2 * i)), joinSequences(at(2 * i + 1))], null);
  if (expected.task === 'lm') return (i) => model.lossAndGradients([joinSequences(at(i))], null);
  const prepared: PreferenceBatch[] = [];
  for (const sequences of batches) {
    const scores = await model.score(sequences, { base: true });
    prepared.push({
      ...joinSequences(sequences),
      reference: Float32Array.from(scores, ({ logProbability }) => logProbability),
    });
  }
  return async (i) => {
    const { rewards, ...step } = await model.preferenceLossAndGradients(
      [must(prepared[i % prepared.length], 'batch')],
      { beta: expected.recipe.beta ?? 0, labelSmoothing: 0 },
      null,
    );
    const known = must(expected.rewards, 'rewards');
    const pairs = [
      [rewards.chosen, known.chosen[i]],
      [rewards.rejected, known.rejected[i]],
      [rewards.margins, known.margin[i]],
      [rewards.accuracies, known.accuracy[i]],
    ];
    for (const [ours, theirs] of pairs)
      if (!(Math.abs((ours ?? NaN) - (theirs ?? NaN)) < 1e-3))
        throw new Error(`step ${i + 1}: a reward is ${ours}, not ${theirs}`);
    return step;
  };
}

/** One case; throws what the engine throws. */
export async function runLanguageCase(folder: string): Promise<CaseResult> {
  const expected = json(join(folder, 'expected.json')) as LanguageExpected;
  const config = json(join(folder, 'config.json')) as Record<string, unknown>;
  const batches = (json(join(folder, 'batches.json')) as RawBatch[]).map(sequencesOf);
  const tensors = tensorsOf(join(folder, 'model.safetensors'));
  const truth = tensorsOf(join(folder, 'expected.safetensors'));
  const { method, ...rest } = trainingFor(folder);
  const training = { ...rest, method: method === 'lora' ? ('lora' as const) : ('full' as const) };
  const build = (stage: string): LanguageModel =>
    buildLanguageModel({
      config,
      tensors,
      training,
      ...(method === 'lora'
        ? { adapter: tensorsOf(join(folder, `adapter_${stage}`, 'adapter_model.safetensors')) }
        : {}),
    });
  const first = joinSequences(must(batches[0], 'batches'));
  const logitsAre = async (model: LanguageModel, name: string): Promise<Difference> =>
    compare(await logitsOf(model, first), realLogits(must(truth.get(name), name), first));

  const model = build('initial');
  const { recipe } = expected;
  const optimizer = new AdamW(model.trainedParameters(), {
    weightDecay: recipe.weight_decay,
    maxGradNorm: recipe.max_grad_norm,
  });
  const logits = await logitsAre(model, 'logits_first_batch');
  let gradientError: Difference = { absolute: 0, share: 0 };
  const losses = { early: 0, late: 0 };
  const run = await stepper(model, expected, batches);
  for (let step = 0; step < expected.loss.length; step++) {
    const { loss, gradients } = await run(step);
    if (step === 0)
      for (const [i, parameter] of model.trainedParameters().entries()) {
        const values = await must(gradients[i], parameter.name).data<'float32'>();
        gradientError = worst(
          gradientError,
          compare(values, toFloat32(must(truth.get(`grad/${parameter.name}`), parameter.name))),
        );
      }
    countLoss(losses, step, loss, expected);
    await optimizer.step(gradients, learningRateAt(step, recipe.lr, 'linear', recipe.warmup_steps, recipe.total_steps));
  }
  optimizer.dispose();
  const parameters = parameterError(folder, await model.trained());
  const finalLogits = await logitsAre(model, 'logits_first_batch_after_training');
  model.dispose();

  let adapterLogits: Difference | null = null;
  if (method === 'lora') {
    const adapted = build('trained');
    adapterLogits = await logitsAre(adapted, 'logits_first_batch_after_training');
    adapted.dispose();
  }
  const errors = { logits, gradients: gradientError, losses, parameters, finalLogits, adapterLogits };
  return { name: basename(folder), ...errors, passed: within(errors) };
}
