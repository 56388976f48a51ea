/**
 * What a training step asks of the GPU: dispatches and submissions of one more layer, of the update, what shaders are
 * bound to, and no tensor left behind.
 */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { must } from '../src/base/assert';
import { gpuBackend } from '../src/engine/backend/gpu-backend';
import { buildLanguageModel } from '../src/engine/build-language-model';
import { buildModel } from '../src/engine/build-model';
import { joinSequences } from '../src/engine/language-model';
import { decoderSpec } from '../src/engine/models';
import { openInNode, whyNotInNode } from '../src/testing/node-backends';
import type { Parameter } from '../src/engine/nn/parameters';
import { AdamW } from '../src/engine/training/optimizer';
import { checkpoint, CONFIG } from '../src/testing/checkpoint';
import { drawnDecoder, LLAMA } from '../src/testing/decoder';
import { testSettings } from '../src/testing/training';
import { Counters, type Counts as AllCounts } from './lib/counters';
import { crossEntropyObjective, nextTokenObjective } from '../src/engine/objectives';
import { runEagerly } from '../src/engine/training/eager';

/**
 * Dispatches of an encoder's layer with dropout, forward and backward; of embeddings, head and loss; and of a step of
 * MiniLM.
 */
const BOUNDS = {
  full: { layer: 19, around: 23, minilm: 184 },
  /** Adapters on every linear layer. */
  lora: { layer: 39, around: 20, minilm: 289 },
};
/** The same of a Llama, whose LoRA has dropout; biases and head norms there are none. */
const DECODER_BOUNDS = { full: { layer: 29, around: 23 }, lora: { layer: 54, around: 19 } };
const MINILM_LAYERS = 6;
/**
 * Bindings of a shader in the passes: eight storage buffers, which every device allows, and its uniforms. The update
 * takes as many as there are.
 */
const MOST_BOUND = 9;

const missing = whyNotInNode('webgpu');

type Counts = Pick<AllCounts, 'dispatches' | 'submits'>;

/** A model and its step of that number. */
interface Taught {
  model: { trainedParameters(): Parameter[]; dispose(): void };
  run: (at: number) => Promise<{ gradients: tf.Tensor[] }>;
}

interface Step {
  passes: Counts;
  update: Counts;
  parameters: number;
  tensorsLeft: number;
  /** The most that a shader of the passes is bound to. */
  mostBound: number;
}

describe.skipIf(missing !== null)(missing ? `a step on webgpu: ${missing}` : 'a step on webgpu', () => {
  let counters: Counters;

  beforeAll(async () => {
    await openInNode('webgpu');
    counters = new Counters((mark) => mark()).install(globalThis);
  }, 60_000);

  /** Counts what runs while `work` does. */
  async function counted<T>(work: () => Promise<T>): Promise<{ result: T; counts: Counts }> {
    const { dispatches, submits } = counters.counts;
    const result = await work();
    return {
      result,
      counts: { dispatches: counters.counts.dispatches - dispatches, submits: counters.counts.submits - submits },
    };
  }

  const ids = Int32Array.from({ length: 32 }, (_, i) => i % 40);

  async function encoder(layers: number, method: 'full' | 'lora'): Promise<Taught> {
    const config = { ...CONFIG, num_hidden_layers: layers };
    const model = await buildModel({
      config,
      tensors: checkpoint(),
      task: 'single-label',
      labels: ['no', 'yes'],
      training: testSettings(method),
    });
    const micro = [
      {
        input: { batch: 4, length: 8, ids, mask: new Int32Array(32).fill(1), typeIds: null },
        targets: Int32Array.of(0, 1, 0, 1),
      },
    ];
    return { model, run: (at) => runEagerly(model.prepare(micro, crossEntropyObjective(), { seed: 1, step: at })) };
  }

  async function decoder(layers: number, method: 'full' | 'lora'): Promise<Taught> {
    const config = { ...LLAMA, num_hidden_layers: layers };
    const lora = {
      rank: 4,
      alpha: 8,
      dropout: 0.1,
      targetModules: decoderSpec(config).linearModules,
      modulesToSave: [],
    };
    const model = buildLanguageModel({
      config,
      tensors: drawnDecoder(config),
      training: { method, lora, seed: 1, dropout: 0.1, gradientCheckpointing: false },
    });
    const batch = joinSequences([{ ids, trained: Uint8Array.from(ids, () => 1) }]);
    return { model, run: (at) => runEagerly(model.prepare([batch], nextTokenObjective, { seed: 1, step: at })) };
  }

  /** The second step of a model. */
  async function step({ model, run }: Taught): Promise<Step> {
    const optimizer = new AdamW(model.trainedParameters(), { weightDecay: 0.01, maxGradNorm: 1 });
    await optimizer.step((await run(0)).gradients, 1e-3);
    const before = tf.memory().numTensors;
    const binding = vi.spyOn(GPUDevice.prototype, 'createBindGroup');
    const passes = await counted(() => run(1));
    const mostBound = Math.max(...binding.mock.calls.map(([{ entries }]) => Array.from(entries).length));
    binding.mockRestore();
    const update = await counted(() => optimizer.step(passes.result.gradients, 1e-3));
    const tensorsLeft = tf.memory().numTensors - before;
    const parameters = model.trainedParameters().length;
    optimizer.dispose();
    model.dispose();
    return { passes: passes.counts, update: update.counts, parameters, tensorsLeft, mostBound };
  }

  it.each(['full', 'lora'] as const)(
    'stays within its bounds (%s)',
    async (method) => {
      const bounds = BOUNDS[method];
      const [one, two] = [await step(await encoder(1, method)), await step(await encoder(2, method))];
      const layer = two.passes.dispatches - one.passes.dispatches;
      console.log(
        `dispatches: ${layer} a layer, ${one.passes.dispatches - layer} around them, ${two.update.dispatches} ` +
          `to update ${two.parameters} parameters; submits: ${two.passes.submits} + ${two.update.submits}`,
      );
      expect(layer).toBeLessThanOrEqual(bounds.layer);
      expect(one.passes.dispatches - layer).toBeLessThanOrEqual(bounds.around);
      const { maxStorageBuffersPerShaderStage: buffers } = must(gpuBackend(), 'WebGPU').device.limits;
      const together = Math.floor(buffers / 4);
      // One more to judge the norm, and one for the loss that is judged with it, here a zero.
      const toUpdate = (parameters: number): number =>
        Math.ceil(parameters / together) + Math.ceil(parameters / (buffers - 1)) + 2;
      expect(two.update.dispatches).toBe(toUpdate(two.parameters));
      const parameters = one.parameters + (MINILM_LAYERS - 1) * (two.parameters - one.parameters);
      expect(one.passes.dispatches + (MINILM_LAYERS - 1) * layer + toUpdate(parameters)).toBeLessThanOrEqual(
        bounds.minilm,
      );
      expect(two.tensorsLeft).toBe(0);
      expect(two.mostBound).toBeLessThanOrEqual(MOST_BOUND);
    },
    120_000,
  );

  it.each(['full', 'lora'] as const)(
    'stays within its bounds with a decoder (%s)',
    async (method) => {
      const [one, two] = [await step(await decoder(1, method)), await step(await decoder(2, method))];
      const layer = two.passes.dispatches - one.passes.dispatches;
      console.log(`dispatches of a decoder: ${layer} a layer, ${one.passes.dispatches - layer} around them`);
      expect(layer).toBeLessThanOrEqual(DECODER_BOUNDS[method].layer);
      expect(one.passes.dispatches - layer).toBeLessThanOrEqual(DECODER_BOUNDS[method].around);
      expect(two.tensorsLeft).toBe(0);
      expect(two.mostBound).toBeLessThanOrEqual(MOST_BOUND);
    },
    120_000,
  );
});
