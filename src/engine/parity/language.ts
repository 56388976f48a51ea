/**
 * Parity cases of decoders: answers, accumulated steps and preferences, against what transformers and PEFT compute.
 * Node only.
 */
import { join } from 'node:path';
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
import { dpoObjective, nextTokenObjective } from '../objectives';
import { json, tensorsOf, trainingFor, type CaseModel, type Expected, type ParityCase } from './case';

const KINDS = ['lm', 'accumulate', 'dpo'];
export const isLanguageKind = (task: string): boolean => KINDS.includes(task);

interface RawBatch {
  input_ids: number[][];
  attention_mask: number[][];
  labels: number[][];
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

/** What a case learns of its batches: answers, or which of two is preferred. */
async function stepsOf(
  model: LanguageModel,
  { task, recipe }: Expected,
  batches: readonly MarkedSequence[][],
): Promise<Pick<CaseModel, 'prepare' | 'extras'>> {
  const at = (i: number): MarkedBatch => joinSequences(must(batches[i], 'batch'));
  if (task !== 'dpo')
    return {
      prepare: (group) => model.prepare(group.map(at), nextTokenObjective, null),
      extras: nextTokenObjective.extras,
    };
  const objective = dpoObjective({ beta: must(recipe.beta, 'beta'), labelSmoothing: 0 });
  const referred: PreferenceBatch[] = [];
  for (const [i, sequences] of batches.entries()) {
    const scores = await model.score(sequences, { base: true });
    referred.push({ ...at(i), reference: Float32Array.from(scores, ({ logProbability }) => logProbability) });
  }
  return {
    prepare: (group) =>
      model.prepare(
        // Copies, for a recorded step writes the data of later ones into its own.
        group.map((i) => structuredClone(must(referred[i], 'batch'))),
        objective,
        null,
      ),
    extras: objective.extras,
  };
}

/** A case of a decoder. */
export function languageCase(folder: string, expected: Expected): ParityCase {
  const config = json(join(folder, 'config.json')) as Record<string, unknown>;
  const batches = (json(join(folder, 'batches.json')) as RawBatch[]).map(sequencesOf);
  const tensors = tensorsOf(join(folder, 'model.safetensors'));
  const truth = tensorsOf(join(folder, 'expected.safetensors'));
  const training = trainingFor(folder, expected);
  const method = training.method === 'lora' ? 'lora' : 'full';
  const first = joinSequences(must(batches[0], 'batches'));
  return {
    folder,
    expected,
    training,
    batches: batches.length,
    truth,
    async build(adapter) {
      const model = buildLanguageModel({
        config,
        tensors,
        training: { ...training, method },
        ...(adapter ? { adapter } : {}),
      });
      const steps = await stepsOf(model, expected, batches);
      return { weights: model, ...steps, logits: () => logitsOf(model, first), dispose: () => model.dispose() };
    },
    logits: (name) => realLogits(must(truth.get(name), name), first),
  };
}
