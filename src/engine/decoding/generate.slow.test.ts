/**
 * A real tiny Llama against what transformers writes with it; and that writing stops, is cancelled, and leaves nothing
 * behind.
 */
import { must } from '../../base/assert';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { greedy } from '../../domain/generation';
import { readSafetensors } from '../../formats/safetensors';
import { gpuBackend } from '../backend/gpu-backend';
import { buildLanguageModel } from '../build-language-model';
import { generate } from './generate';
import type { LanguageModel } from '../language-model';
import { BACKENDS, openInNode, whyNotInNode } from '../../testing/node-backends';

const FOLDER = '../shared/models/stories260K';
const there = existsSync(FOLDER);

interface Golden {
  greedy_ids_200: number[];
  logits_BOS_first8: number[];
}

function stories(): LanguageModel {
  const config = JSON.parse(readFileSync(join(FOLDER, 'config.json'), 'utf8')) as Record<string, unknown>;
  const { tensors } = readSafetensors(
    new Uint8Array(readFileSync(join(FOLDER, 'model.safetensors'))),
    'model.safetensors',
  );
  const lora = { rank: 1, alpha: 1, dropout: 0, targetModules: [], modulesToSave: [] };
  return buildLanguageModel({ config, tensors, training: { method: 'full', lora, seed: 1, dropout: null } });
}

async function written(
  model: LanguageModel,
  prompt: number[],
  count: number,
  stopIds: number[] = [],
  signal?: AbortSignal,
): Promise<{ ids: number[]; why: string }> {
  const ids: number[] = [];
  const tokens = generate(model, prompt, {
    settings: greedy(count),
    stopIds: new Set(stopIds),
    ...(signal ? { signal } : {}),
  });
  for (;;) {
    const { value, done } = await tokens.next();
    if (done) return { ids, why: value };
    ids.push(value);
  }
}

describe.skipIf(!there)(
  there ? 'stories260K against transformers' : `skipped: ${FOLDER} is not beside this checkout`,
  () => {
    for (const backend of BACKENDS) {
      const missing = whyNotInNode(backend);
      it.skipIf(missing !== null)(
        missing ? `${backend}: ${missing}` : backend,
        async () => {
          await openInNode(backend);
          const { greedy_ids_200: known, logits_BOS_first8: logits } = JSON.parse(
            readFileSync(join(FOLDER, 'golden.json'), 'utf8'),
          ) as Golden;
          const before = tf.memory().numTensors;
          const model = stories();
          const first = tf.tidy(() => model.logitsOf(model.states({ ids: Int32Array.of(1), lengths: [1] }, null)));
          const values = await first.data<'float32'>();
          first.dispose();
          const held = tf.memory().numTensors;
          logits.forEach((logit, i) => {
            expect(values[i]).toBeCloseTo(logit, 4);
          });
          const gpu = gpuBackend();
          const recording = gpu && vi.spyOn(gpu, 'record');
          expect((await written(model, [1], known.length - 1)).ids).toEqual(known.slice(1));
          // One pass is recorded, all others are its replays.
          if (recording) expect(recording.mock.results.map(({ type }) => type)).toEqual(['return']);
          const stop = must(known[10]);
          const stopped = await written(model, [1], 50, [stop]);
          expect(stopped.why).toBe('stop-token');
          expect(stopped.ids).toEqual(known.slice(1, known.indexOf(stop, 1)));
          await expect(written(model, [1], 50, [], AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
          await expect(written(model, new Array<number>(model.maxPositions).fill(1), 5)).rejects.toMatchObject({
            code: 'bad-config',
          });
          expect(tf.memory().numTensors).toBe(held);
          model.dispose();
          expect(tf.memory().numTensors).toBe(before);
        },
        120_000,
      );
    }
  },
);
