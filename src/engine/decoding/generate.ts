/** Writing: one token after the other, keys and values of earlier ones kept. */
import * as tf from '@tensorflow/tfjs-core';
import { must } from '../../base/assert';
import { TabtuneError, throwIfCancelled } from '../../base/errors';
import { SeededRandom } from '../../base/random';
import { nextTurn } from '../../base/turn';
import type { GenerationSettings } from '../../domain/generation';
import { fromGpu } from '../backend/gpu-device';
import type { GpuBackend } from '../backend/gpu-backend';
import { gpuKernels } from '../backend/gpu-run';
import { CannotRecord, type Arena } from '../backend/recording';
import { Replayable } from '../backend/replayable';
import { storeRows } from '../kernels/row-store/op';
import type { LanguageModel } from '../language-model';
import type { KeyValueCache } from '../models/decoder';
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
 * Yields the answer's tokens as they are found; ends at a stop token, after `maxNewTokens`, or where the context is
 * full. Returns why. Throws `cancelled`, and `bad-config` for a prompt that is empty or longer than the context.
 */
export async function* generate(
  model: LanguageModel,
  prompt: readonly number[],
  options: GenerateOptions,
): AsyncGenerator<number, 'stop-token' | 'length'> {
  const { settings, stopIds, base = false, signal } = options;
  if (prompt.length === 0 || prompt.length >= model.maxPositions)
    throw new TabtuneError(
      'bad-config',
      `A prompt of ${prompt.length} tokens leaves no room: this model takes at most ${model.maxPositions} ` +
        'with its answer.',
      { fix: 'Ask something shorter.' },
    );
  const random = new SeededRandom(settings.seed, 'generation');
  const seen = new Set(prompt);
  const writer = new Writer(model, base, Math.min(model.maxPositions, prompt.length + settings.maxNewTokens));
  let ids = Int32Array.from(prompt);
  try {
    for (
      let written = 0, length = prompt.length;
      written < settings.maxNewTokens && length < model.maxPositions;
      written++, length++
    ) {
      throwIfCancelled(signal);
      const logits = await writer.logitsAfter(ids);
      const id = nextToken(logits, settings, seen, random);
      if (stopIds.has(id)) return 'stop-token';
      yield id;
      seen.add(id);
      ids = Int32Array.of(id);
      await nextTurn();
    }
    return 'length';
  } finally {
    writer.dispose();
  }
}

/** One pass: the tokens that are new. Where they stand is read from the cache. */
interface Pass {
  ids: Int32Array;
}

/**
 * Passes over one growing sequence. On the GPU the pass over a single token is recorded once and replayed from then on.
 */
class Writer {
  private readonly model: LanguageModel;
  private readonly base: boolean;
  private readonly most: number;
  private readonly cache: KeyValueCache = { layers: [], past: 0, room: null };
  /** Where a pass is to be recorded; null where there is no GPU, or when that has failed. */
  private gpu = gpuKernels();
  private arena: Arena | null = null;
  private recorded: Replayable<Pass> | null = null;

  /** @param most tokens of the whole sequence at most */
  constructor(model: LanguageModel, base: boolean, most: number) {
    this.model = model;
    this.base = base;
    this.most = most;
  }

  /** Logits [vocabulary] after the last of these tokens. */
  async logitsAfter(ids: Int32Array): Promise<Float32Array> {
    const { past } = this.cache;
    const gpu = ids.length === 1 && past > 0 ? this.gpu : null;
    const values = await fromGpu(gpu ? this.recordedPass(gpu, ids) : this.eagerPass(ids));
    this.cache.past = past + ids.length;
    return values;
  }

  dispose(): void {
    this.recorded?.destroy();
    this.arena?.destroy();
    for (const { keys, values } of this.cache.layers) tf.dispose([keys, values]);
  }

  private async recordedPass(gpu: GpuBackend, ids: Int32Array): Promise<Float32Array> {
    const { cache } = this;
    if (this.recorded) return must((await this.recorded.replay({ ids }))[0], 'logits');
    this.makeRoom();
    const used = [...this.model.tensors(), ...cache.layers.flatMap(({ keys, values }) => [keys, values])];
    try {
      const { work, values } = Replayable.record(gpu, (this.arena ??= gpu.newArena()), used, { ids }, (pass) => ({
        tensors: [this.logits(pass)],
      }));
      this.recorded = work;
      return must((await values)[0], 'logits');
    } catch (thrown) {
      if (!(thrown instanceof CannotRecord)) throw thrown;
      this.gpu = null;
      return this.eagerPass(ids);
    }
  }

  private async eagerPass(ids: Int32Array): Promise<Float32Array> {
    const logits = this.logits({ ids });
    try {
      return (await logits.data<'float32'>()).slice();
    } finally {
      logits.dispose();
    }
  }

  /** To be disposed by the caller. */
  private logits(pass: Pass): tf.Tensor {
    const { model, base, cache } = this;
    return tf.tidy(() => {
      const states = model.states({ ids: pass.ids, lengths: [pass.ids.length] }, null, { base, cache });
      return model.logitsOf(tf.slice(states, [pass.ids.length - 1, 0], [1, must(states.shape[1], 'width')]));
    });
  }

  /** Moves keys and values to where recorded passes leave their own beside them. */
  private makeRoom(): void {
    const { cache, most } = this;
    cache.layers = cache.layers.map((layer) => {
      const moved = (rows: tf.Tensor2D): tf.Tensor2D => {
        const table = tf.keep(tf.fill<tf.Rank.R2>([most, rows.shape[1]], 0));
        storeRows(table, rows, () => 0);
        rows.dispose();
        return table;
      };
      return { keys: moved(layer.keys), values: moved(layer.values) };
    });
    cache.room = most;
  }
}
