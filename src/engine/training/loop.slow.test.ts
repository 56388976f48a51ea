import { must } from '../../base/assert';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { StepRecord, ValidationRecord } from '../../domain/run';
import type { LabelConfig } from '../../domain/training-config';
import { fromFloat32 } from '../../formats/dtype';
import { buildModel } from '../build-model';
import type { Classifier } from '../classifier';
import { BACKENDS, openInNode, whyNotInNode } from '../../testing/node-backends';
import { checkpoint, CONFIG } from '../../testing/checkpoint';
import { drive, exampleRows as rows, testSettings as settings } from '../../testing/training';
import { classification, classWeights } from '../learners/classification';
import { train } from './loop';
import type { LoopEvent, TrainWish } from './wishes';

const build = (training: LabelConfig): Promise<Classifier> =>
  buildModel({ config: CONFIG, tensors: checkpoint(), task: 'single-label', labels: ['no', 'yes'], training });

function run(
  model: Classifier,
  config: LabelConfig,
  answer?: (event: LoopEvent) => TrainWish | undefined,
  signal = new AbortController().signal,
): Promise<LoopEvent[]> {
  const data = { train: rows(64, 1), validation: rows(16, 2) };
  return drive(train(classification(model, data, config, signal), config, { signal }), answer);
}

const steps = (events: LoopEvent[]): StepRecord[] =>
  events.flatMap((event) => (event.type === 'step' ? [event.record] : []));
const validations = (events: LoopEvent[]): ValidationRecord[] =>
  events.flatMap((event) => (event.type === 'validation' ? [event.record] : []));

describe('the training loop', () => {
  beforeAll(() => openInNode('cpu'));

  for (const method of ['full', 'lora', 'head'] as const)
    it(`${method}: repeats to the last bit with the same seed, and differs with another`, async () => {
      const losses: number[][] = [];
      for (const seed of [1, 1, 2]) {
        const config = settings(method, { seed });
        const model = await build(config);
        losses.push(steps(await run(model, config)).map(({ loss }) => loss));
        model.dispose();
      }
      expect(losses[0]).toHaveLength(24);
      expect(losses[1]).toEqual(losses[0]);
      expect(losses[2]).not.toEqual(losses[0]);
    });

  it('learns what tells the classes apart', async () => {
    const config = settings('full', { epochs: 12 });
    const model = await build(config);
    const seen = validations(await run(model, config));
    expect(seen).toHaveLength(12);
    expect(Math.max(...seen.map(({ metricValue }) => metricValue))).toBe(1);
    model.dispose();
  });

  it('accumulation equals the big batch without dropout', async () => {
    const outcomes: number[][] = [];
    for (const [batchSize, gradientAccumulation] of [
      [16, 1],
      [4, 4],
    ] as const) {
      const config = settings('full', {
        batchSize,
        gradientAccumulation,
        epochs: 1,
        dropout: 0,
        validateEverySteps: 0,
        learningRate: 1e-3,
      });
      const model = await build(config);
      // Equal lengths, so that both runs group rows alike.
      const same = rows(16, 5).map((row) => ({ ...row, ids: row.ids.slice(0, 4) }));
      const learner = classification(model, { train: same, validation: [] }, config, new AbortController().signal);
      const events = await drive(train(learner, config));
      outcomes.push(steps(events).map(({ loss }) => loss));
      model.dispose();
    }
    expect(outcomes[0]).toHaveLength(1);
    expect(outcomes[1]).toHaveLength(1);
    expect(must(outcomes[1])[0]).toBeCloseTo(must(must(outcomes[0])[0]), 6);
  });

  it('returns to the weights of the best validation', async () => {
    const config = settings('full', { epochs: 6, learningRate: 0.3 });
    const model = await build(config);
    const events = await run(model, config);
    const finished = events.at(-1);
    const best = must(
      validations(events)
        .filter((record) => record.best)
        .at(-1),
    );
    expect(finished).toMatchObject({ type: 'finished', reason: 'completed', bestStep: best.step });
    const validation = rows(16, 2);
    const logits = await model.predict(validation);
    const right = logits.filter((row, i) => Number(must(row[1]) > must(row[0])) === must(validation[i]).label).length;
    expect(right / validation.length).toBeCloseTo(best.metricValue, 6);
    model.dispose();
  });

  it('stops early when validations stop improving', async () => {
    const config = settings('full', { epochs: 50, earlyStoppingPatience: 2, learningRate: 0.3 });
    const model = await build(config);
    const events = await run(model, config);
    expect(events.at(-1)).toMatchObject({ type: 'finished', reason: 'early-stopping' });
    expect(steps(events).length).toBeLessThan(50 * 8);
    model.dispose();
  });

  const told = (event: LoopEvent, step: number): boolean => event.type === 'step' && event.record.step === step;

  it('stops and keeps, pauses, resumes and cancels at the next edge', async () => {
    const config = settings('full');
    const model = await build(config);
    const stopped = await run(model, config, (event) => (told(event, 3) ? 'stop' : undefined));
    expect(steps(stopped)).toHaveLength(3);
    expect(stopped.at(-1)).toMatchObject({ type: 'finished', reason: 'stopped', step: 3 });

    const paused = await run(model, config, (event) => (told(event, 2) ? 'pause' : undefined));
    const order = paused.map(({ type }) => type);
    expect(order.slice(order.indexOf('paused') - 1, order.indexOf('paused') + 3)).toEqual([
      'step',
      'paused',
      'resumed',
      'step',
    ]);
    expect(steps(paused)).toHaveLength(24);

    const abort = new AbortController();
    let seen = 0;
    const cancelled = run(
      model,
      config,
      (event) => {
        if (event.type === 'step' && ++seen === 2) abort.abort();
        return undefined;
      },
      abort.signal,
    );
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen).toBe(2);
    model.dispose();
  });

  it('grants wishes in their order, those answered on the way at the same edge, each once an edge', async () => {
    const config = settings('full', { epochs: 1 });
    const model = await build(config);
    // What is wished for at `settled` and `state` comes later in the order, so its turn is still to come.
    const events = await run(model, config, (event) => {
      if (told(event, 2)) return 'exact';
      if (event.type === 'settled') return 'save';
      return event.type === 'state' ? 'pause' : undefined;
    });
    const order = events.map((event) => (event.type === 'step' ? event.record.step : event.type));
    expect(order.slice(order.indexOf(2), order.indexOf(3) + 1)).toEqual([
      2,
      'settled',
      'state',
      'paused',
      'resumed',
      3,
    ]);
    expect(events.find(({ type }) => type === 'state')).toMatchObject({ state: { progress: { step: 2 } } });

    // Wished for without end, a state is told once at each of the eight edges.
    const saved = await run(model, config, () => 'save');
    expect(saved.flatMap((event) => (event.type === 'state' ? [event.state.progress.step] : []))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7,
    ]);

    // A stop that is wished for during a pause ends the run there.
    const ended = await run(model, config, (event) =>
      told(event, 2) ? 'pause' : event.type === 'paused' ? 'stop' : undefined,
    );
    expect(ended.at(-1)).toMatchObject({ type: 'finished', reason: 'stopped', step: 2 });
    model.dispose();
  });

  it('names step and rows when numbers fail, and applies nothing', async () => {
    const config = settings('full');
    const model = await build(config);
    const trained = await model.trained();
    const poisoned = trained.map((tensor) =>
      tensor.name === 'classifier.bias' ? fromFloat32(tensor.name, tensor.shape, Float32Array.of(NaN, 0)) : tensor,
    );
    model.restore(new Map(poisoned.map((tensor) => [tensor.name, tensor])));
    await expect(run(model, config)).rejects.toMatchObject({
      code: 'numbers',
      message: expect.stringMatching(/at step 1, on rows \d+/) as string,
    });
    const after = new Map((await model.trained()).map((tensor) => [tensor.name, tensor]));
    for (const tensor of poisoned) expect(must(after.get(tensor.name)).bytes).toEqual(tensor.bytes);
    model.dispose();
  });

  it('weighs classes by N / (classes · count), refuses to for several labels, and has none to weigh for numbers', () => {
    const config = settings('full', { classWeights: 'balanced' });
    expect([...must(classWeights(config, 'single-label', [0, 0, 0, 1], 2))]).toEqual([Math.fround(4 / 6), 2]);
    expect(() => classWeights(config, 'multi-label', [[0], [1]], 2)).toThrow(/one label a row/);
    expect(classWeights(config, 'regression', [1.5], 1)).toBeNull();
  });

  it('merges LoRA into weights that give the same logits, and names the adapter as PEFT does', async () => {
    const config = settings('lora', { epochs: 1 });
    const model = await build(config);
    await run(model, config);
    const test = rows(9, 8);
    const logits = await model.predict(test);
    const names = (await model.adapter()).map(({ name }) => name);
    expect(names).toContain('base_model.model.bert.encoder.layer.1.attention.self.query.lora_A.weight');
    expect(names).toContain('base_model.model.classifier.weight');
    const merged = new Map((await model.merged()).map((tensor) => [tensor.name, tensor]));
    expect([...merged.keys()].some((name) => name.includes('lora'))).toBe(false);
    const whole = await buildModel({
      config: { ...CONFIG, id2label: { 0: 'no', 1: 'yes' } },
      tensors: merged,
      task: 'single-label',
      labels: ['no', 'yes'],
      training: settings('full'),
    });
    expect(whole.headFromCheckpoint).toBe(true);
    (await whole.predict(test)).forEach((row, i) =>
      row.forEach((value, k) => expect(value).toBeCloseTo(must(must(logits[i])[k]), 5)),
    );
    whole.dispose();
    model.dispose();
  });
});

describe('memory', () => {
  for (const backend of BACKENDS) {
    const missing = whyNotInNode(backend);
    it.skipIf(missing !== null)(
      missing ? `${backend}: ${missing}` : `${backend}: no tensor and no byte more after 24 steps of random lengths`,
      async () => {
        await openInNode(backend);
        const empty = tf.memory();
        const config = settings('full');
        const model = await build(config);
        const counts: number[] = [];
        const bytes: number[] = [];
        await run(model, config, (event) => {
          if (event.type !== 'step') return undefined;
          counts.push(tf.memory().numTensors);
          bytes.push(event.record.memoryBytes);
          return undefined;
        });
        expect(counts).toHaveLength(24);
        // On WebGPU each length takes its own when it is met first, and keeps a tensor of results for validation: by
        // the third epoch all have been met.
        expect(new Set(counts.slice(backend === 'webgpu' ? 16 : 0)).size).toBe(1);
        expect(new Set(bytes.slice(16)).size).toBe(1);
        model.dispose();
        expect(tf.memory().numTensors).toBe(empty.numTensors);
        expect(tf.memory().numBytes).toBe(empty.numBytes);
      },
    );
  }
});
