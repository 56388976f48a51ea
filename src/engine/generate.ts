/** Writing: one token after the other, keys and values of earlier ones kept. */
import * as tf from '@tensorflow/tfjs-core';
import { must } from '../base/assert';
import { TabtuneError, throwIfCancelled } from '../base/errors';
import { SeededRandom } from '../base/random';
import { nextTurn } from '../base/turn';
import type { GenerationSettings } from '../domain/generation';
import { fromGpu } from './backend/gpu-device';
import type { LanguageModel } from './language-model';
import type { LayerCache } from './models/decoder';
import { nextToken } from './sampling';

export interface GenerateOptions {
  settings: GenerationSettings;
  /** Ids that end the answer; they are not given out. */
  stopIds: ReadonlySet<number>;
  /** Leaves the adapter out: what the model said before (LoRA only). */
  base?: boolean;
  signal?: AbortSignal;
}

/**
 * Yields the answer's tokens as they are found; ends at a stop token, after `maxNewTokens`, or where the context is full. Returns why.
 * Throws `cancelled`, and `bad-config` for a prompt that is empty or longer than the context.
 */
export async function* generate(model: LanguageModel, prompt: readonly number[], options: GenerateOptions): AsyncGenerator<number, 'stop-token' | 'length'> {
  const { settings, stopIds, base = false, signal } = options;
  if (prompt.length === 0 || prompt.length >= model.maxPositions)
    throw new TabtuneError('bad-config', `A prompt of ${prompt.length} tokens leaves no room: this model takes at most ${model.maxPositions} with its answer.`, { fix: 'Ask something shorter.' });
  const random = new SeededRandom(settings.seed, 'generation');
  const seen = new Set(prompt);
  const cache: LayerCache[] = [];
  let ids = Int32Array.from(prompt);
  try {
    for (let written = 0, length = prompt.length; written < settings.maxNewTokens && length < model.maxPositions; written++, length++) {
      throwIfCancelled(signal);
      const logits = await lastLogits(model, ids, base, cache);
      const id = nextToken(logits, settings, seen, random);
      if (stopIds.has(id)) return 'stop-token';
      yield id;
      seen.add(id);
      ids = Int32Array.of(id);
      await nextTurn();
    }
    return 'length';
  } finally {
    for (const { keys, values } of cache) tf.dispose([keys, values]);
  }
}

/** Logits [vocabulary] after the last of these tokens, which the cache takes in. */
async function lastLogits(model: LanguageModel, ids: Int32Array, base: boolean, cache: LayerCache[]): Promise<Float32Array> {
  const logits = tf.tidy(() => {
    const states = model.states({ ids, lengths: [ids.length] }, null, { base, cache });
    return model.logitsOf(tf.slice(states, [ids.length - 1, 0], [1, must(states.shape[1], 'width')]));
  });
  try {
    return (await fromGpu(logits.data<'float32'>())).slice();
  } finally {
    logits.dispose();
  }
}
