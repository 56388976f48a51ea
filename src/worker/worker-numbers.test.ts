/** The real handlers on numbers of any scale: learned alike, said in their own unit, put back into exported files. */
import { describe, expect, it } from 'vitest';
import { blobSource } from '../base/bytes';
import { must } from '../base/assert';
import { SeededRandom } from '../base/random';
import { toFloat32 } from '../formats/dtype';
import { readSafetensors } from '../formats/safetensors';
import { readZip } from '../formats/zip';
import { learnedOf } from '../domain/target-scale';
import type { LabelConfig } from '../domain/training-config';
import type { ExportResult } from './link/protocol';
import type { WorkerClient } from './link/client';
import { evaluated, newClient, predicted, prepared, tiny } from '../testing/session';

const KINDS = { full: 'full', lora: 'merged', head: 'sentence-transformers' } as const;
const METHODS = Object.keys(KINDS) as (keyof typeof KINDS)[];

/** Sentences whose number is made of their words, as a table. */
function table(numberOf: (points: number) => number, rows = 50): { kind: 'text'; name: string; text: string } {
  const random = new SeededRandom(3, 'numbers');
  const lines = Array.from({ length: rows }, () => {
    const [film, food] = [random.next() < 0.5, random.next() < 0.5];
    const points = (film ? 0.4 : 0) + (food ? 0.3 : 0) + 0.1 + 0.05 * random.next();
    return `the film was ${film ? 'great' : 'awful'} and the food was ${food ? 'lovely' : 'nasty'},${numberOf(points)}`;
  });
  return { kind: 'text', name: 'numbers.csv', text: ['text,score', ...lines].join('\n') };
}

const TEXT = { text: 'the film was great and the food was lovely', textPair: null };

/** A run with what it says afterwards. */
async function taught(
  numberOf: (points: number) => number,
  method: LabelConfig['method'],
  some: Partial<LabelConfig> = {},
) {
  const { client, train } = await prepared(table(numberOf));
  const { run } = await train(method, { epochs: 2, ...some });
  const { tuned, baseline, mistakes } = await evaluated(client);
  if (tuned.task !== 'regression' || baseline.metrics.task !== 'regression') throw new Error('wrong task');
  const { before, after } = await predicted(client, TEXT);
  return { client, run, tuned, baseline, mistakes, before: must(before[0]), after: must(after[0]) };
}

/** Files of an export by their paths. */
async function filesOf({ blob, fileName }: ExportResult): Promise<Map<string, Uint8Array>> {
  const files = await readZip(blobSource(fileName, blob));
  return new Map(await Promise.all(files.map(async (file) => [file.path, await file.bytes()] as const)));
}

async function exported(client: WorkerClient, id: string) {
  const result = await client.request('exportRun', { id });
  const files = await filesOf(result);
  const text = (path: string): string => new TextDecoder().decode(must(files.get(path), path));
  const json = (path: string) => JSON.parse(text(path)) as Record<string, unknown>;
  return { ...result, zip: new File([result.blob], result.fileName), contents: files, text, json };
}

describe.each(METHODS)('the method %s', (method) => {
  const once = { plain: null as ReturnType<typeof taught> | null };
  const plainly = (): ReturnType<typeof taught> => (once.plain ??= taught((points) => points, method));
  it.each([
    ['of 0 to 100', 100, 0],
    ['of prices', 250_000, 0],
    ['around a thousand', 30, 1000],
    ['huge', 1e12, 0],
    ['tiny', 1e-9, 0],
    ['negative', -40, -7],
  ])('learns numbers %s as it learns those of 0 to 1', async (_, unit, from) => {
    const plain = await plainly();
    const other = await taught((points) => points * unit + from, method);
    const sign = Math.sign(unit);
    if (sign > 0)
      other.run.steps.forEach(({ loss }, i) => expect(loss / must(plain.run.steps[i]).loss).toBeCloseTo(1, 3));
    expect(other.run.validations.map(({ loss }) => Number.isFinite(loss))).not.toContain(false);
    expect(other.baseline.metrics).toMatchObject({ task: 'regression' });
    if (sign > 0) {
      expect(other.tuned.r2).toBeCloseTo(plain.tuned.r2, 2);
      expect(other.tuned.mae / unit).toBeCloseTo(plain.tuned.mae, 3);
      expect((other.after - from) / unit).toBeCloseTo(plain.after, 3);
      expect((other.before - from) / unit).toBeCloseTo(plain.before, 3);
    } else expect(other.tuned.r2).toBeGreaterThan(plain.tuned.r2 - 0.2);
  });

  it('puts mean and deviation into the head that it exports, and proves it', async () => {
    const { client, run, after } = await taught((points) => points * 250_000, method);
    const { replay, contents, json, text, zip } = await exported(client, KINDS[method]);
    const { mean, std } = must(run.targetScale);
    expect(must(replay).largestDifference).toBeLessThan(1e-5 * std);
    expect(json('config.json')).toMatchObject({ problem_type: 'regression' });
    expect(text('README.md')).toContain('in the unit of the data');
    expect(json('recipe.json')).toMatchObject({ targets: { mean, std, files_answer: 'number' } });
    const [path, name] =
      method === 'head' ? ['2_Dense/model.safetensors', 'linear'] : ['model.safetensors', 'classifier'];
    const { tensors } = readSafetensors(must(contents.get(path)), path);
    // Weights of the run itself stay as they were learned.
    expect(toFloat32(must(tensors.get(`${name}.bias`)))[0]).toBeGreaterThan(1000);
    // Whoever opens the files begins where the run ended.
    const next = await prepared(
      table((points) => points * 250_000),
      newClient(),
      { kind: 'dropped', files: [{ path: zip.name, file: zip }] },
    );
    await next.train(method, { epochs: 1, learningRate: 1e-7 });
    const said = await predicted(next.client, TEXT);
    expect(must(said.before[0]) / after).toBeCloseTo(1, 5);
    expect(must(said.after[0]) / after).toBeCloseTo(1, 3);
  });

  it('learns logarithms, answers in the unit of the data, and says what the files answer', async () => {
    const numberOf = (points: number): number => 1000 * Math.exp(6 * points);
    const { client, run, tuned, after, before } = await taught(numberOf, method, {
      logTargets: true,
      epochs: 16,
      learningRate: 2e-2,
    });
    expect(run.targetScale).toMatchObject({ log: true });
    expect(tuned.r2).toBeGreaterThan(0.25);
    expect(after).toBeGreaterThan(before);
    const { replay, json, text } = await exported(client, KINDS[method]);
    expect(must(replay).largestDifference).toBeLessThan(1e-4 * after);
    expect(json('config.json')).toMatchObject({ target_transform: 'log' });
    expect(text('README.md')).toContain('number = math.exp(');
    expect(json('recipe.json')).toMatchObject({
      targets: { files_answer: 'log(number): math.exp(answer) gives the number' },
    });
    const offers = await client.request('exportOffers', null);
    expect(offers.find(({ id }) => id === KINDS[method])?.about).toContain('answers the logarithm');
  });
});

describe('an adapter', () => {
  it('always holds the head of numbers, also where nothing else is saved in full', async () => {
    const lora = { rank: 4, alpha: 8, dropout: 0, targetModules: ['query', 'value'], modulesToSave: [] };
    const { client, run } = await taught((points) => points * 250_000, 'lora', { lora });
    const { contents, json, replay } = await exported(client, 'adapter');
    expect(json('adapter_config.json')).toMatchObject({ modules_to_save: ['classifier'] });
    const path = 'adapter_model.safetensors';
    const { tensors } = readSafetensors(must(contents.get(path)), path);
    expect(tensors.has('base_model.model.classifier.bias')).toBe(true);
    expect(must(replay).largestDifference).toBeLessThan(1e-5 * must(run.targetScale).std);
  });
});

describe('going on', () => {
  it('with numbers of another unit begins with what the model said before', async () => {
    const first = await taught((points) => points * 100, 'full');
    const { zip } = await exported(first.client, 'full');
    const next = await prepared(
      table((points) => points * 100 + 7),
      newClient(),
      { kind: 'dropped', files: [{ path: zip.name, file: zip }] },
    );
    const { run } = await next.train('full', { epochs: 1, learningRate: 1e-7 });
    const { before } = await predicted(next.client, TEXT);
    expect(must(before[0]) / first.after).toBeCloseTo(1, 5);
    // The first loss is that of the base's answers, as they are learned.
    const report = await evaluated(next.client);
    expect(report.baseline.kind).toBe('checkpoint-head');
    expect(Math.abs(learnedOf(must(run.targetScale), must(before[0])))).toBeLessThan(3);
  });

  it('with logarithms draws a new head, for that of numbers is of no use there', async () => {
    const first = await taught((points) => points * 100, 'full');
    const { zip } = await exported(first.client, 'full');
    const model = { kind: 'dropped' as const, files: [{ path: zip.name, file: zip }] };
    const next = await prepared(
      table((points) => points * 100),
      newClient(),
      model,
    );
    await next.train('full', { epochs: 1, logTargets: true });
    expect((await evaluated(next.client)).baseline.kind).toBe('mean-value');
  });
});

describe('numbers that are hard to learn from', () => {
  it('are refused as logarithms where one is not above 0', async () => {
    const { train } = await prepared(table((points) => points - 0.5));
    await expect(train('head', { logTargets: true })).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringContaining('Only numbers above 0') as string,
    });
  });

  it('are told on the Data step where they are very skewed, or differ too little', async () => {
    const skewed = await prepared(
      table((points) => Math.exp(20 * points)),
      newClient(),
      tiny(),
    );
    expect(skewed.data.health.warnings.join()).toContain('Learn the logarithm');
    const fine = await prepared(
      table((points) => 1e9 + points),
      newClient(),
      tiny(),
    );
    expect(fine.data.health.warnings.join()).toContain('take away 1,000,000,000');
    const plain = await prepared(
      table((points) => points),
      newClient(),
      tiny(),
    );
    expect(plain.data.health.warnings.join()).not.toMatch(/skewed|take away/);
  });

  it('may be the same in all training rows, or be two rows in all', async () => {
    const rows = (split: string, numbers: number[]): string[] =>
      numbers.map((number, i) => `the film was ${i % 2 ? 'great' : 'awful'},${number},${split}`);
    const text = ['text,score,split', ...rows('train', [5, 5]), ...rows('validation', [6]), ...rows('test', [6])];
    const { client, data, train } = await prepared({ kind: 'text', name: 'few.csv', text: text.join('\n') });
    await client.request('setMapping', { ...data.mapping, ...{ task: 'regression' } });
    const { run } = await train('full', { epochs: 3 });
    expect(run.targetScale).toEqual({ mean: 5, std: 1, log: false });
    // R² of one row is no number: the loss decides which weights are kept.
    const losses = run.validations.map(({ loss }) => loss);
    expect(run.bestStep).toBe(must(run.validations[losses.indexOf(Math.min(...losses))]).step);
    const { tuned } = await evaluated(client);
    expect(tuned.task === 'regression' && Number.isFinite(tuned.mae)).toBe(true);
  });
});
