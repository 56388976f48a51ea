/**
 * Dropout stands where transformers has it: at each place alone, the answers and gradients of many draws scatter as
 * torch's do (dropout.py writes dropout.json). Fixtures without dropout cannot see a place too many.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { must } from '../../base/assert';
import { openInNode } from '../../testing/node-backends';
import { buildModel } from '../build-model';
import { json, tensorsOf, trainingFor, type Expected } from '../parity/case';
import { TASKS } from '../tasks';
import { runEagerly } from '../training/eager';
import { labelNames } from './config';

interface Figure {
  mean: number;
  standardError: number;
}
interface Place {
  case: string;
  place: string;
  rate: number;
  logitVariance: Figure;
  squaredGradientNorm: Figure;
}

const PLACES = JSON.parse(readFileSync(join(import.meta.dirname, 'dropout.json'), 'utf8')) as Place[];
const CASES = join(import.meta.dirname, '..', '..', '..', 'e2e', 'fixtures', 'parity');
const [BLOCKS, DRAWS] = [20, 25];

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]): number => {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
};

/** Mean over blocks, and its standard error. */
const figureOf = (blocks: readonly number[]): Figure => ({
  mean: mean(blocks),
  standardError: Math.sqrt(variance(blocks) / blocks.length),
});

/** How many standard errors of both sides they are apart. */
const apart = (a: Figure, b: Figure): number =>
  Math.abs(a.mean - b.mean) / Math.hypot(a.standardError, b.standardError);

async function measured({
  case: name,
  place,
  rate,
}: Place): Promise<Pick<Place, 'logitVariance' | 'squaredGradientNorm'>> {
  const folder = join(CASES, name);
  const config = { ...(json(join(folder, 'config.json')) as Record<string, unknown>), [place]: rate };
  const expected = json(join(folder, 'expected.json')) as Expected;
  const model = await buildModel({
    config,
    tensors: tensorsOf(join(folder, 'model.safetensors')),
    task: 'single-label',
    labels: labelNames(config) ?? [],
    training: { ...trainingFor(folder, expected), dropout: null },
  });
  const [raw] = json(join(folder, 'batches.json')) as Record<string, number[][]>[];
  const { input_ids: ids = [], attention_mask: mask = [], token_type_ids: types, labels = [] } = must(raw);
  const input = {
    batch: ids.length,
    length: must(ids[0]).length,
    ids: Int32Array.from(ids.flat()),
    mask: Int32Array.from(mask.flat()),
    typeIds: types ? Int32Array.from(types.flat()) : null,
  };
  const targets = TASKS['single-label'].collate(labels.flat());
  const objective = TASKS['single-label'].objective({ classWeights: null, labelSmoothing: 0 });
  const [variances, norms]: [number[], number[]] = [[], []];
  for (let block = 0; block < BLOCKS; block++) {
    const draws: Float32Array[] = [];
    let norm = 0;
    for (let draw = 0; draw < DRAWS; draw++) {
      const state = { seed: 7, step: block * DRAWS + draw };
      const logits = tf.tidy(() => model.logits(input, state));
      draws.push(logits.dataSync<'float32'>().slice());
      logits.dispose();
      const { gradients } = await runEagerly(model.prepare([{ input, targets }], objective, state));
      for (const gradient of gradients) for (const value of gradient.dataSync()) norm += value ** 2;
      tf.dispose(gradients);
    }
    variances.push(mean(Array.from(must(draws[0]), (_, i) => variance(draws.map((values) => values[i] ?? NaN)))));
    norms.push(norm / DRAWS);
  }
  model.dispose();
  return { logitVariance: figureOf(variances), squaredGradientNorm: figureOf(norms) };
}

describe('dropout', () => {
  beforeAll(() => openInNode('wasm'));

  it.each(PLACES.map((place) => [place.case, place.place, place] as const))(
    '%s: %s',
    async (_case, _place, expected) => {
      const found = await measured(expected);
      // Draws of the test are always the same ones; with a place too many they were 5 apart.
      expect(apart(found.logitVariance, expected.logitVariance)).toBeLessThan(3);
      expect(apart(found.squaredGradientNorm, expected.squaredGradientNorm)).toBeLessThan(3);
    },
  );
});
