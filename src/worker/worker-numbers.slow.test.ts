/** The real handlers on numbers: what is exported, kept, gone on with, and what is hard to learn from. */
import { describe, expect, it } from 'vitest';
import { must } from '../base/assert';
import { learnedOf } from '../domain/target-scale';
import { toFloat32 } from '../formats/dtype';
import { readSafetensors } from '../formats/safetensors';
import { killedWhen, NEVER, newBrowser, openTab, resume, weightsOf } from '../testing/browser';
import { exported, KINDS, METHODS, table, taught, TEXT } from '../testing/numbers';
import { evaluated, newClient, predicted, prepared, tiny } from '../testing/session';

describe.each(METHODS)('the method %s', (method) => {
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

  it.each([
    [100, 1],
    [1, 250_000],
  ])('from numbers times %d to the same times %d brings the head into their unit, and says so', async (from, to) => {
    const first = await taught((points) => points * from, 'head', { epochs: 20 });
    const { zip } = await exported(first.client, 'sentence-transformers');
    const model = { kind: 'dropped' as const, files: [{ path: zip.name, file: zip }] };
    const next = await prepared(
      table((points) => points * to),
      newClient(),
      model,
    );
    const { run } = await next.train('head', { epochs: 1, learningRate: 1e-7 });
    expect(must(run.steps[0]).loss).toBeLessThan(1);
    const { tuned, baseline } = await evaluated(next.client);
    if (tuned.task !== 'regression' || baseline.metrics.task !== 'regression') throw new Error('wrong task');
    expect(tuned.r2).toBeGreaterThan(0.5);
    expect(baseline.metrics.r2).toBeLessThan(0);
    expect(next.events.filter(({ type }) => type === 'note')).toMatchObject([
      { message: expect.stringContaining('answers in another unit') as string },
    ]);
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
    expect(next.events).toContainEqual({
      type: 'note',
      message: expect.stringContaining('a new one was drawn') as string,
    });
  });
});

describe('a run that was stopped', () => {
  it.each(METHODS)('goes on by %s with its mean and deviation to the same bits, also as a project', async (method) => {
    const source = table((points) => points * 250_000);
    const whole = newBrowser();
    const { train } = await openTab(whole, NEVER, source);
    const { run } = await train(method, { epochs: 2 });
    const left = await killedWhen(
      newBrowser(),
      method,
      { epochs: 2 },
      (event) => event.type === 'checkpoint' && event.step === 4,
      source,
    );
    const { answer, client } = await resume(left);
    const resumed = (await answer).run;
    expect(resumed.targetScale).toEqual(run.targetScale);
    expect(await weightsOf(left, resumed.id)).toBe(await weightsOf(whole, run.id));
    const said = await predicted(client, TEXT);
    // What the run is carried away as brings mean and deviation along.
    const { blob, fileName } = await client.request('exportProject', { id: resumed.id });
    const other = await openTab({ ...newBrowser(), modelFiles: left.modelFiles }, NEVER, source);
    await other.client.request('importProject', { file: new File([blob], fileName) });
    const [copy] = await other.client.request('listRuns', null);
    await other.client.request('openRun', { id: must(copy).id });
    expect(await predicted(other.client, TEXT)).toEqual(said);
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
