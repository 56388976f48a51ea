/** Recorded steps against the same steps taken operation by operation: equal to the last bit. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { must } from '../../base/assert';
import { SeededRandom } from '../../base/random';
import { defaultLanguageConfig, type LanguageConfig } from '../../testing/settings';
import type { Method, LabelConfig } from '../../domain/training-config';
import { reservedBytes, tensorCount } from '../backend/backends';
import { gpuBackend } from '../backend/gpu-backend';
import { Replayable } from '../backend/replayable';
import { epochBatches } from './batches';
import { buildLanguageModel } from '../build-language-model';
import { buildModel } from '../build-model';
import { classification } from '../learners/classification';
import { answers, preferences, type SequenceRow } from '../learners/language';
import type { Learner, Made } from './learner';
import { joinSequences, type MarkedSequence } from '../language-model';
import { decoderSpec } from '../models';
import { openInNode, whyNotInNode } from '../../testing/node-backends';
import { AdamW } from './optimizer';
import { EagerStepper, RecordingStepper, type Stepper, type Taken } from './stepper';
import { checkpoint, CONFIG } from '../../testing/checkpoint';
import { drawnDecoder, GPT2, LLAMA } from '../../testing/decoder';
import { exampleRows, testSettings } from '../../testing/training';
import { nextTokenObjective } from '../objectives';
import { runEagerly } from '../training/eager';

const missing = whyNotInNode('webgpu');

async function learnerOf(made: Made | Learner): Promise<Learner> {
  if (!(Symbol.asyncIterator in made)) return made;
  for (;;) {
    const next = await made.next();
    if (next.done) return next.value;
  }
}

const NEVER = new AbortController().signal;

interface Ran {
  taken: Taken[];
  weights: Uint8Array[];
  recorded: Stepper['recorded'];
}

type Kind = 'eager' | 'recorded';

/** A classifier with dropout over rows of many lengths. */
async function labels(kind: Kind, config: LabelConfig): Promise<Ran> {
  const dropout = { ...CONFIG, hidden_dropout_prob: 0.1, attention_probs_dropout_prob: 0.1 };
  const model = await buildModel({
    config: dropout,
    tensors: checkpoint(),
    task: 'single-label',
    labels: ['no', 'yes'],
    training: config,
  });
  return run(
    kind,
    await learnerOf(classification(model, { train: exampleRows(44, 1), validation: [] }, config, NEVER)),
    config,
  );
}

const sequenceOf = (ids: number[]): MarkedSequence => ({
  ids: Int32Array.from(ids),
  trained: Uint8Array.from(ids, () => 1),
});

const sequence = (random: SeededRandom, row: number): SequenceRow => {
  const ids = Int32Array.from({ length: 4 + random.below(9) }, () => random.below(70));
  return { row, ids, trained: Uint8Array.from(ids, (_, i) => (i > 1 ? 1 : 0)) };
};

/** A decoder with LoRA and dropout over answers of many lengths, or over pairs of them. */
async function language(kind: Kind, what: 'answers' | 'preferences', config: LanguageConfig): Promise<Ran> {
  const model = buildLanguageModel({ config: LLAMA, tensors: drawnDecoder(LLAMA), training: config });
  const random = new SeededRandom(5, 'sequences');
  const rows = Array.from({ length: 12 }, (_, i) => sequence(random, i + 1));
  const pairs = rows.map((chosen) => ({ row: chosen.row, chosen, rejected: sequence(random, chosen.row) }));
  const made =
    what === 'answers'
      ? answers(model, { train: rows, validation: [] }, config)
      : preferences(model, { train: pairs, validation: [] }, config, NEVER);
  return run(kind, await learnerOf(made), config);
}

/** All steps of a run, one waited for before the next. The model is disposed. */
async function run(
  kind: Kind,
  learner: Learner,
  config: Pick<LabelConfig, 'epochs' | 'batchSize' | 'gradientAccumulation'>,
): Promise<Ran> {
  const model = learner.weights;
  const optimizer = new AdamW(model.trainedParameters(), { weightDecay: 0.01, maxGradNorm: 1 });
  const gpu = must(gpuBackend(), 'WebGPU');
  const stepper =
    kind === 'eager' ? new EagerStepper(learner, optimizer) : new RecordingStepper(gpu, learner, optimizer);
  const taken: Taken[] = [];
  for (let epoch = 0, micro = 0; epoch < config.epochs; epoch++) {
    const batches = epochBatches(learner.lengths, config.batchSize, 1, epoch);
    for (let at = 0; at < batches.length; at += config.gradientAccumulation) {
      const group = batches.slice(at, at + config.gradientAccumulation);
      taken.push(await stepper.take(learner.prepare(group, { seed: 3, step: micro }), 1e-3 * (1 + taken.length)));
      micro += group.length;
    }
  }
  const weights = (await model.trained()).map(({ bytes }) => bytes.slice());
  const { recorded } = stepper;
  stepper.dispose();
  optimizer.dispose();
  model.dispose();
  return { taken, weights, recorded };
}

describe.skipIf(missing !== null)(missing ? `recorded steps: ${missing}` : 'recorded steps', () => {
  const METHODS: Method[] = ['full', 'lora', 'head'];
  for (const method of METHODS)
    it(
      `${method}: equal those taken one operation after the other, with dropout and several lengths in any ` + 'order',
      async () => {
        await openInNode('webgpu');
        const config = testSettings(method, {
          epochs: method === 'full' ? 4 : 2,
          batchSize: 8,
          gradientAccumulation: 1,
        });
        const [eager, recorded] = [await labels('eager', config), await labels('recorded', config)];
        expect(recorded.recorded?.reason).toBeNull();
        expect(recorded.taken).toHaveLength(6 * config.epochs);
        expect(must(recorded.recorded, 'recording').shapes).toBeLessThan(recorded.taken.length);
        expect(recorded.taken).toEqual(eager.taken);
        expect(recorded.weights).toEqual(eager.weights);
      },
    );

  for (const what of ['answers', 'preferences'] as const)
    it(`${what}: equal those taken one operation after the other`, async () => {
      await openInNode('webgpu');
      const { linearModules, hiddenSize, maxPositions } = decoderSpec(LLAMA);
      const context = {
        method: 'lora',
        task: 'chat',
        hiddenSize,
        trainRows: 12,
        maxPositions,
        linearModules,
        recipe: null,
        template: 'own',
      } as const;
      const { config: usual } = defaultLanguageConfig(context);
      const config = {
        ...usual,
        lora: { ...usual.lora, dropout: 0.1 },
        epochs: 3,
        batchSize: 3,
        gradientAccumulation: 1,
        gradientCheckpointing: what === 'answers',
      };
      const [eager, recorded] = [await language('eager', what, config), await language('recorded', what, config)];
      expect(recorded.recorded?.reason).toBeNull();
      expect(must(recorded.recorded, 'recording').shapes).toBeLessThan(recorded.taken.length);
      expect(recorded.taken).toEqual(eager.taken);
      expect(recorded.weights).toEqual(eager.weights);
    });

  it('fills a batch up with what changes nothing, dropout and the last position included', async () => {
    const lora = { rank: 1, alpha: 1, dropout: 0, targetModules: [], modulesToSave: [] };
    // 130 tokens become 144 on the GPU.
    const batch = joinSequences(Array.from({ length: 26 }, (_, i) => sequenceOf([i, 3, i + 1, 7, 2 * i])));
    const losses: number[] = [];
    for (const backend of ['cpu', 'webgpu'] as const) {
      await openInNode(backend);
      const model = buildLanguageModel({
        config: { ...GPT2, n_positions: 5 },
        tensors: drawnDecoder({ ...GPT2, n_positions: 5 }),
        training: { method: 'full', lora, seed: 1, dropout: 0.2 },
      });
      const { loss, gradients } = await runEagerly(model.prepare([batch], nextTokenObjective, { seed: 3, step: 5 }));
      losses.push(loss);
      tf.dispose(gradients);
      model.dispose();
    }
    expect(losses[1]).toBeCloseTo(losses[0] ?? NaN, 5);
  });

  it('refuses to replay once a weight is gone', async () => {
    await openInNode('webgpu');
    const gpu = must(gpuBackend(), 'WebGPU');
    const weight = tf.tensor1d([1, 2]);
    const arena = gpu.newArena();
    const { work, values } = Replayable.record(gpu, arena, [weight], { of: Float32Array.of(3, 4) }, ({ of }) => ({
      tensors: [
        tf.mul(
          weight,
          gpu.feed([2], 'float32', () => of),
        ),
      ],
    }));
    expect([...must((await values)[0], 'product')]).toEqual([3, 8]);
    expect([...must((await work.replay({ of: Float32Array.of(5, 6) }))[0], 'product')]).toEqual([5, 12]);
    weight.dispose();
    expect(() => work.replay({ of: Float32Array.of(1, 1) })).toThrow(/disposed/);
    work.destroy();
    arena.destroy();
  });

  it('adds up micro-batches', async () => {
    await openInNode('webgpu');
    const config = testSettings('full', { epochs: 2, batchSize: 4, gradientAccumulation: 3 });
    const [eager, recorded] = [await labels('eager', config), await labels('recorded', config)];
    expect(recorded.recorded?.reason).toBeNull();
    expect(recorded.taken).toEqual(eager.taken);
    expect(recorded.weights).toEqual(eager.weights);
  });

  it('keeps little more for many lengths, in any order, than for the longest alone', async () => {
    await openInNode('webgpu');
    const config = testSettings('full', { epochs: 2, batchSize: 8 });
    const rows = exampleRows(44, 1);
    const longest = Math.max(...rows.map(({ ids }) => ids.length));
    const bytes: number[] = [];
    for (const train of [rows.filter(({ ids }) => ids.length > longest - 3), rows]) {
      const model = await buildModel({
        config: CONFIG,
        tensors: checkpoint(),
        task: 'single-label',
        labels: ['no', 'yes'],
        training: config,
      });
      // The longest alone, eight at a time; then all of them.
      const whole = train === rows ? rows : Array.from({ length: 8 }, (_, i) => must(train[i % train.length], 'row'));
      const { recorded } = await run(
        'recorded',
        await learnerOf(classification(model, { train: whole, validation: [] }, config, NEVER)),
        config,
      );
      bytes.push(must(recorded, 'recording').bytes);
    }
    const [alone, all] = bytes as [number, number];
    expect(all).toBeLessThan(1.15 * alone);
  });

  it('leaves no tensor and no byte behind', async () => {
    await openInNode('webgpu');
    const config = testSettings('full', { epochs: 2, batchSize: 8 });
    await labels('recorded', config);
    const [tensors, bytes] = [tensorCount(), reservedBytes()];
    await labels('recorded', config);
    expect(tensorCount()).toBe(tensors);
    expect(reservedBytes()).toBeLessThanOrEqual(bytes);
  });

  it('changes nothing from the step on whose numbers are not finite', async () => {
    await openInNode('webgpu');
    const config = testSettings('full', { epochs: 1, batchSize: 8 });
    const model = await buildModel({
      config: CONFIG,
      tensors: checkpoint(),
      task: 'single-label',
      labels: ['no', 'yes'],
      training: config,
    });
    const learner = await learnerOf(
      classification(model, { train: exampleRows(16, 1), validation: [] }, config, NEVER),
    );
    const optimizer = new AdamW(model.trainedParameters(), { weightDecay: 0, maxGradNorm: 1 });
    const stepper = new RecordingStepper(must(gpuBackend(), 'WebGPU'), learner, optimizer);
    const step = (learningRate: number): Promise<Taken> =>
      stepper.take(learner.prepare([[0, 1, 2, 3]], { seed: 1, step: 0 }), learningRate);
    expect(await step(1e-3)).toMatchObject({ bad: false });
    expect(await step(Infinity)).toMatchObject({ bad: false });
    const broken = (await model.trained()).map(({ bytes }) => bytes.slice());
    const [first, second] = [step(1e-3), step(1e-3)];
    expect(await first).toMatchObject({ bad: true });
    expect(await second).toMatchObject({ bad: true });
    expect((await model.trained()).map(({ bytes }) => bytes.slice())).toEqual(broken);
    stepper.dispose();
    optimizer.dispose();
    model.dispose();
  });

  it('goes on operation by operation, and says why, when a step cannot be recorded', async () => {
    await openInNode('webgpu');
    const config = testSettings('full', { epochs: 1 });
    const model = await buildModel({
      config: CONFIG,
      tensors: checkpoint(),
      task: 'single-label',
      labels: ['no', 'yes'],
      training: config,
    });
    const learner = await learnerOf(
      classification(model, { train: exampleRows(16, 1), validation: [] }, config, NEVER),
    );
    const optimizer = new AdamW(model.trainedParameters(), { weightDecay: 0, maxGradNorm: 1 });
    const stepper = new RecordingStepper(must(gpuBackend(), 'WebGPU'), learner, optimizer);
    const plain = learner.prepare([[0, 1]], { seed: 1, step: 0 });
    const taken = await stepper.take({ ...plain, run: () => ({ ...plain.run(), values: [tf.tensor1d([1])] }) }, 1e-3);
    expect(taken.bad).toBe(false);
    expect(stepper.recorded).toMatchObject({ shapes: 0, reason: 'values of shape [1] come from outside the step' });
    expect(stepper.ahead).toBe(0);
    stepper.dispose();
    optimizer.dispose();
    model.dispose();
  });
});
