/**
 * The real handlers asked through the client, with a decoder: teaching, asking, testing and taking away a model that
 * writes.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { must } from '../base/assert';
import { blobSource } from '../base/bytes';
import { greedy } from '../domain/generation';
import type { LanguageConfig } from '../testing/settings';
import { defaultLanguageConfig } from '../testing/settings';
import type { ModelInfo } from '../domain/model';
import type { TrainEvent } from '../domain/run';
import { reportSchema } from '../lessons/answer/shared';
import type { LanguageEvaluation } from '../lessons/answer/shared';
import { lookSchema, rowSeenSchema } from '../lessons/answer/shared/asked';
import type { ShownSequence } from '../lessons/answer/shared/asked';
import { fromFloat32 } from '../formats/dtype';
import { readGgufCheckpoint } from '../formats/gguf/checkpoint';
import { readPeftAdapter, writePeftAdapter } from '../formats/peft';
import type { NamedTensor } from '../formats/tensor';
import { readZip } from '../formats/zip';
import { memoryFiles } from '../storage/files';
import { memoryStorage } from '../storage/storage';
import type { WorkerClient } from './link/client';
import type { DataSource, TrainResult } from './link/protocol';
import { SETTINGS, answered, config as labelConfig, csv, newClient, predicted, tiny } from '../testing/session';

const FOLDER = 'e2e/fixtures/tiny-llama';
const files = readdirSync(FOLDER)
  .filter((name) => name !== 'SOURCE.md')
  .map((name) => ({ path: `tiny-llama/${name}`, file: new File([readFileSync(`${FOLDER}/${name}`)], name) }));
const jsonl = (rows: readonly object[]): DataSource => ({
  kind: 'text',
  name: 'rows.jsonl',
  text: rows.map((row) => JSON.stringify(row)).join('\n'),
});

/** Questions whose answers are all alike, so that a model with drawn weights learns them in no time. */
const QUESTIONS = Array.from({ length: 22 }, (_, i) => ({
  prompt: `What is ${i}?`,
  completion: 'It is so.',
  split: i < 16 ? 'train' : i < 19 ? 'validation' : 'test',
}));
const PAIRS = Array.from({ length: 16 }, (_, i) => ({
  prompt: `What is ${i}?`,
  chosen: 'It is so.',
  rejected: 'Who knows?',
  split: i < 10 ? 'train' : i < 13 ? 'validation' : 'test',
}));

interface Open {
  client: WorkerClient;
  info: ModelInfo;
  events: TrainEvent[];
  train: (method: LanguageConfig['method'], some?: Partial<LanguageConfig>) => Promise<TrainResult>;
}

async function open(source: DataSource, client = newClient()): Promise<Open> {
  await client.request('start', SETTINGS);
  const data = await client.request('openData', source);
  const { info } = await client.request('loadModel', { kind: 'dropped', files });
  const events: TrainEvent[] = [];
  const task = data.mapping.lesson === 'prefer' ? 'preference' : 'chat';
  const train: Open['train'] = (method, some = {}) => {
    const { config } = settings(info, method, task, data.splitRows.train);
    return client.request(
      'train',
      { config: { ...config, learningRate: 2e-2, epochs: 6, ...some }, runName: `tiny ${method}` },
      { onTrainEvent: (event) => events.push(event) },
    );
  };
  return { client, info, events, train };
}

const evaluation = async (client: WorkerClient): Promise<LanguageEvaluation> =>
  reportSchema.parse(await client.request('evaluate', null));

/** The settings that a lesson begins with on the tiny decoder. */
const settings = (
  { hiddenSize, maxPositions, linearModules, writing }: ModelInfo,
  method: LanguageConfig['method'],
  task: 'chat' | 'preference',
  trainRows: number,
): { config: LanguageConfig } =>
  defaultLanguageConfig({
    method,
    task,
    hiddenSize,
    trainRows,
    maxPositions,
    linearModules,
    template: must(writing, 'writing').template,
    recipe: null,
  });

describe('a decoder', () => {
  it('is described, loaded, and shows the tokens it is trained on', async () => {
    const { client, info } = await open(jsonl(QUESTIONS));
    expect(await client.request('describeModel', { kind: 'dropped', files })).toMatchObject({
      architecture: 'llama',
      unsupported: null,
      parameters: 46_944,
    });
    expect(info).toMatchObject({
      architecture: 'llama',
      head: null,
      writing: { ownTemplate: true, template: 'own' },
      maxPositions: 128,
      linearModules: expect.arrayContaining(['q_proj', 'down_proj']) as unknown,
    });
    const { config } = settings(info, 'lora', 'chat', 16);
    const read = (some: Partial<LanguageConfig>) => ({ ...config, maxLength: 128, ...some });
    const seen = async (some: Partial<LanguageConfig>): Promise<ShownSequence[]> =>
      rowSeenSchema.parse(await client.request('rowSeen', { row: 1, config: read(some) }));
    const [shown] = await seen({});
    expect(
      shown?.tokens
        .filter(({ trained }) => trained)
        .map(({ text }) => text)
        .join(''),
    ).toBe('It is so.<|im_end|>\n');
    const [other] = await seen({ template: 'alpaca' });
    expect(other?.tokens.map(({ text }) => text).join('')).toContain('### Response:');
    expect(await client.request('tokenLengths', read({}))).toMatchObject({
      counted: 22,
      overLong: 0,
      notes: [],
      refusal: null,
    });
    expect((await client.request('tokenLengths', read({ maxLength: 8 }))).refusal).toMatch(
      /Nothing would be trained on\. Row 1: The question alone/,
    );
  });

  it('learns answers with LoRA, stops where they stop, and is tested against itself before', async () => {
    const { client, events, train } = await open(jsonl(QUESTIONS));
    const { run, reason } = await train('lora');
    expect([reason, run.mapping.lesson]).toEqual(['completed', 'answer']);
    const samples = lookSchema.parse(events.filter((event) => event.type === 'look').at(-1)?.seen);
    expect(samples.map(({ expected, answer }) => [expected, answer])).toEqual([
      ['It is so.', 'It is so.'],
      ['It is so.', 'It is so.'],
    ]);
    const report = await evaluation(client);
    expect(report).toMatchObject({
      rows: 3,
      after: { exactMatch: 1, rougeL: 1 },
      before: { exactMatch: 0 },
      rewards: null,
    });
    expect(report.after.loss).toBeLessThan(report.before.loss / 10);
    const { blob, fileName } = await client.request('exportProject', { id: run.id });
    const elsewhere = newClient();
    await elsewhere.request('start', SETTINGS);
    await elsewhere.request('importProject', { file: new File([blob], fileName) });
    const [carried] = await elsewhere.request('listRuns', null);
    expect(carried).toEqual({ ...run, evaluation: report, id: carried?.id, datasetId: carried?.datasetId });
    expect(report.answers.map(({ row }) => row)).toEqual([20, 21, 22]);

    const pieces: string[] = [];
    const asked = { from: [{ role: 'user' as const, content: 'What is 41?' }], settings: greedy(20) };
    const answer = await answered(client, { ...asked, side: 'after' }, { onText: (text) => pieces.push(text) });
    expect(answer).toMatchObject({ text: 'It is so.', ended: 'stopped', dropped: 0 });
    expect(pieces.join('').trim()).toBe(answer.text);
    expect((await answered(client, { ...asked, side: 'before' })).text).not.toBe(answer.text);
    await expect(
      answered(client, { ...asked, side: 'after', settings: { ...greedy(20), temperature: 0 } }),
    ).rejects.toMatchObject({ code: 'bad-config' });
    await expect(
      answered(client, { ...asked, from: [{ role: 'user', content: 'Why? '.repeat(60) }], side: 'after' }),
    ).rejects.toMatchObject({ code: 'bad-config', message: expect.stringContaining('does not fit') as unknown });
    await expect(predicted(client, { text: 'What?', textPair: null })).rejects.toMatchObject({ code: 'bad-config' });
  });

  it('hands out every file of a LoRA run, each replayed', async () => {
    const { client, train } = await open(jsonl(QUESTIONS));
    await train('lora', { epochs: 2 });
    await expect(client.request('exportRun', { id: 'answers' })).rejects.toMatchObject({ code: 'bad-data' });
    await evaluation(client);
    const limits: Partial<Record<string, number>> = {
      adapter: 1e-5,
      merged: 1e-5,
      'gguf-adapter': 1e-5,
      'gguf-f16': 5e-3,
      'gguf-q8_0': 0.05,
      'gguf-q4_0': 1,
    };
    const names: string[] = [];
    for (const kind of [
      'adapter',
      'merged',
      'gguf-f16',
      'gguf-q8_0',
      'gguf-q4_0',
      'gguf-adapter',
      'train-script',
      'answers',
    ] as const) {
      const { fileName, replay, blob } = await client.request('exportRun', { id: kind });
      names.push(fileName);
      expect(blob.size).toBeGreaterThan(100);
      const limit = limits[kind];
      if (limit === undefined) expect(replay).toBeNull();
      else
        expect(
          [replay?.rows, must(replay, kind).largestDifference <= limit],
          `${kind}: ${String(replay?.largestDifference)}`,
        ).toEqual([3, true]);
    }
    expect(names).toEqual([
      'tiny-lora-adapter.zip',
      'tiny-lora-merged.zip',
      'tiny-lora.F16.gguf',
      'tiny-lora.Q8_0.gguf',
      'tiny-lora.Q4_0.gguf',
      'tiny-lora.lora.gguf',
      'tiny-lora-train-script.zip',
      'tiny-lora-answers.jsonl',
    ]);
    const merged = await client.request('exportRun', { id: 'merged' });
    const paths = (await readZip(blobSource('merged.zip', merged.blob))).map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'config.json',
        'generation_config.json',
        'model.safetensors',
        'tokenizer.json',
        'chat_template.jinja',
        'README.md',
        'recipe.json',
      ]),
    );
    await expect(client.request('exportRun', { id: 'full' })).rejects.toMatchObject({ code: 'bad-config' });
  });

  it.each(['q8', 'f16'] as const)(
    'teaches an adapter on a packed base, and exports what it computes (%s)',
    async (base) => {
      const { client, train } = await open(jsonl(QUESTIONS));
      await train('lora', { epochs: 2, base });
      for (const kind of ['adapter', 'merged', 'gguf-f16'] as const) {
        const { replay } = await client.request('exportRun', { id: kind });
        expect(must(replay, kind).largestDifference, kind).toBeLessThan(kind === 'gguf-f16' ? 5e-3 : 1e-4);
      }
      await expect(train('full', { base })).rejects.toMatchObject({ code: 'bad-config' });
    },
  );

  it('keeps the figures of a test whose writing is cancelled', async () => {
    const { client, train } = await open(jsonl(QUESTIONS));
    await train('lora', { epochs: 1 });
    const controller = new AbortController();
    const answer = client.request('evaluate', null, {
      signal: controller.signal,
      onProgress: ({ label, done }) => {
        if (label.startsWith('Writing answers') && done > 0) controller.abort();
      },
    });
    const report = reportSchema.parse(await answer);
    expect(report.answers.length).toBeLessThan(3);
    expect(report.after.loss).toBeLessThan(report.before.loss);
  });

  it('goes on from a run as the base of the next', async () => {
    const { client, train } = await open(jsonl(QUESTIONS));
    await train('lora');
    const { info, source } = await client.request('goOnFromRun', null);
    expect([info.name, info.architecture, source.kind]).toEqual(['tiny lora', 'llama', 'files']);
    await client.request('openData', jsonl(PAIRS));
    await train('lora', { epochs: 1, learningRate: 1e-6 });
    // Before the new run the model says what the first one taught.
    expect(
      (
        await answered(client, {
          from: [{ role: 'user', content: 'What is 7?' }],
          side: 'before',
          settings: greedy(12),
        })
      ).text,
    ).toBe('It is so.');
  });

  it('learns in full, is kept, and answers the same after a reload', async () => {
    const storage = memoryStorage();
    const modelFiles = memoryFiles();
    const { client, train } = await open(jsonl(QUESTIONS), newClient(storage, modelFiles));
    const { run } = await train('full', { learningRate: 5e-3 });
    const asked = { from: [{ role: 'user' as const, content: 'What is 7?' }], settings: greedy(12) };
    const [before, after] = [
      await answered(client, { ...asked, side: 'before' }),
      await answered(client, { ...asked, side: 'after' }),
    ];
    expect(after.text).toBe('It is so.');
    const { blob } = await client.request('exportRun', { id: 'gguf-f16' });
    expect((await readGgufCheckpoint(blobSource('tiny.gguf', blob))).tensors.size).toBe(20);

    const again = newClient(storage, modelFiles);
    await again.request('start', SETTINGS);
    await again.request('openRun', { id: run.id });
    expect([
      await answered(again, { ...asked, side: 'before' }),
      await answered(again, { ...asked, side: 'after' }),
    ]).toEqual([before, after]);
    expect((await evaluation(again)).after.exactMatch).toBe(1);
  });

  it('learns preferences, with the rewards of the test pairs', async () => {
    const { client, events, train } = await open(jsonl(PAIRS));
    await train('lora', { epochs: 3, learningRate: 5e-3 });
    expect(events.some((event) => event.type === 'phase' && event.phase === 'reference')).toBe(true);
    expect(events.filter((event) => event.type === 'step').at(-1)?.record.extras?.['rewards/accuracies']).toBe(1);
    const { rewards, rows } = await evaluation(client);
    expect([rows, rewards?.accuracies]).toEqual([3, 1]);
    expect(rewards?.margins).toBeGreaterThan(0);
  });

  it('learns plain text and continues it', async () => {
    const text = Array.from({ length: 20 }, (_, i) => `It is what it is, and number ${i} is so.`).join('\n\n');
    const { client, train } = await open({ kind: 'text', name: 'notes.md', text });
    await train('lora', { template: 'alpaca' });
    const { after, before } = await evaluation(client);
    expect(after.loss).toBeLessThan(before.loss / 2);
    expect((await answered(client, { from: 'It is what', side: 'after', settings: greedy(8) })).text).toContain(
      'it is',
    );
    expect((await client.request('exportRun', { id: 'gguf-f16' })).replay?.largestDifference).toBeLessThan(5e-3);
  });

  it('goes on from a checkpoint to the same weights', async () => {
    const storage = memoryStorage();
    const modelFiles = memoryFiles();
    const { train } = await open(
      jsonl(QUESTIONS),
      newClient(storage, modelFiles, { everySteps: 3, everyMs: 1e9, share: 1 }),
    );
    const whole = await train('lora', { epochs: 4 });
    const stopped = newClient(storage, modelFiles, { everySteps: 3, everyMs: 1e9, share: 1 });
    const other = await open(jsonl(QUESTIONS), stopped);
    const unfinished = other.train('lora', { epochs: 4 });
    while (!other.events.some((event) => event.type === 'step' && event.record.step === 5))
      await new Promise((resolve) => setTimeout(resolve, 2));
    stopped.dispose();
    await expect(unfinished).rejects.toBeTruthy();
    const third = newClient(storage, modelFiles);
    await third.request('start', SETTINGS);
    const [kept] = await third.request('listUnfinished', null);
    const resumed = await third.request('resumeRun', { id: must(kept, 'unfinished run').start.id });
    expect(resumed.run.steps.map(({ loss }) => loss)).toEqual(whole.run.steps.map(({ loss }) => loss));
    const [a, b] = [await storage.runWeights(whole.run.id), await storage.runWeights(resumed.run.id)];
    expect(Buffer.from(a).equals(Buffer.from(b))).toBe(true);
  });

  const WIDTH = 48;
  const adapterFiles = (inputs: number, of: string | null = null) => {
    const layer = 'base_model.model.model.layers.0.self_attn.q_proj';
    const factor = (name: string, shape: [number, number]): NamedTensor =>
      fromFloat32(
        name,
        shape,
        Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => ((i * 7) % 5) / 40 - 0.05),
      );
    const adapter = writePeftAdapter({
      config: { rank: 4, alpha: 8, dropout: 0, targetModules: ['q_proj'], modulesToSave: [] },
      tensors: [factor(`${layer}.lora_A.weight`, [4, inputs]), factor(`${layer}.lora_B.weight`, [inputs, 4])],
      taskType: 'CAUSAL_LM',
      baseModelName: of,
      readme: '',
    });
    return adapter
      .filter(({ path }) => path !== 'README.md')
      .map(({ path, bytes }) => ({ path: `own/${path}`, file: new File([bytes as Uint8Array<ArrayBuffer>], path) }));
  };

  it('refuses an adapter that was made for another base, naming the layer', async () => {
    const { client } = await open(jsonl(QUESTIONS));
    await expect(
      client.request('loadModel', { kind: 'dropped', files: adapterFiles(WIDTH + 16) }),
    ).rejects.toMatchObject({ code: 'bad-model', place: { tensor: 'model.layers.0.self_attn.q_proj' } });
  });

  it('names the base of an adapter alone where none is in use', async () => {
    const client = newClient();
    await client.request('start', SETTINGS);
    await expect(
      client.request('describeModel', { kind: 'dropped', files: adapterFiles(WIDTH, 'someone/tiny') }),
    ).rejects.toMatchObject({
      code: 'missing-file',
      message: expect.stringContaining('someone/tiny') as unknown,
      fix: expect.stringContaining('drop the adapter again') as unknown,
    });
  });

  it('goes on with an adapter as it was made, on the model in use, whatever the form says', async () => {
    const { client, train } = await open(jsonl(QUESTIONS));
    const { info } = await client.request('loadModel', { kind: 'dropped', files: adapterFiles(WIDTH, 'someone/tiny') });
    expect(info).toMatchObject({
      name: 'own on tiny-llama',
      adapter: { rank: 4, alpha: 8, dropout: 0, targetModules: ['q_proj'], base: 'someone/tiny', layers: 1 },
      said: [expect.stringContaining('name 1 layers') as unknown],
    });
    const { run } = await train('lora', { epochs: 1 });
    expect(run.config.lora).toEqual({ rank: 4, alpha: 8, dropout: 0, targetModules: ['q_proj'], modulesToSave: [] });
    for (const id of ['adapter', 'merged', 'gguf-adapter'])
      expect((await client.request('exportRun', { id })).replay?.largestDifference).toBeLessThan(1e-5);
    const { blob } = await client.request('exportRun', { id: 'adapter' });
    const written = await readPeftAdapter(await readZip(blobSource('adapter.zip', blob)));
    expect(written.config).toMatchObject({ r: 4, lora_alpha: 8, target_modules: ['q_proj'] });
    expect([...written.tensors.keys()]).toHaveLength(2);
    const anew = await train('lora', { epochs: 1, fromAdapter: 'merge' });
    expect(anew.run.config.lora).toMatchObject({ rank: 16, alpha: 32 });
    await expect(client.request('exportRun', { id: 'adapter' })).rejects.toMatchObject({ code: 'bad-config' });
    expect((await client.request('exportRun', { id: 'merged' })).replay?.largestDifference).toBeLessThan(1e-5);
    expect((await train('full', { epochs: 1 })).run.config.method).toBe('full');
  });

  it('refuses what does not fit it, with the fix', async () => {
    const { client, train } = await open(csv(40));
    await expect(train('lora')).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringContaining('writes text') as unknown,
      fix: expect.stringContaining('Data step') as unknown,
    });
    await client.request('openData', jsonl(QUESTIONS));
    await client.request('loadModel', tiny());
    await expect(client.request('train', { config: labelConfig('full'), runName: 'x' })).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringContaining('gives labels') as unknown,
    });
    await expect(client.request('rowSeen', { row: 1, config: null })).rejects.toMatchObject({ code: 'bad-config' });
  });
});
