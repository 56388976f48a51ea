/**
 * Files that earlier versions wrote (v1/README.md) still open: their runs are listed with the same figures, compute the
 * same, and go on to the same bits.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { must } from '../../base/assert';
import { blobSource } from '../../base/bytes';
import { isObject, type Json } from '../../base/json';
import { unpackNumbers } from '../../base/json-numbers';
import type { RunSummary, StepRecord } from '../../domain/run';
import { readZip } from '../../formats/zip';
import { keptReaders } from '../../lessons/records';
import { memoryFiles } from '../../storage/files';
import { copiedRecords } from '../../storage/record-copies';
import type { CheckpointRecord, DatasetRecord, RunRecord } from '../../storage/records';
import { memoryRecords } from '../../storage/records';
import { Storage } from '../../storage/storage';
import type { WorkerClient } from '../../worker/link/client';
import type { Browser } from '../browser';
import { NEVER, newBrowser, weightsOf } from '../browser';
import { newClient, SETTINGS } from '../session';

const V1 = 'src/testing/kept/v1';
const MODELS = [`${V1}/tiny`, 'e2e/fixtures/tiny-llama'];
const ENDING = '.tabtune.zip';
const UNFINISHED = '-unfinished';

interface KeptRecords {
  datasets: DatasetRecord[];
  runs: RunRecord[];
  checkpoints: CheckpointRecord[];
}

/** What an unfinished run came to when it went on in the version that began it. */
interface Outcome {
  stoppedAt: number;
  weightsSha256: string;
  steps: Pick<StepRecord, 'step' | 'loss' | 'gradientNorm'>[];
  validations: RunSummary['validations'];
  bestStep: number | null;
}

const json = (file: string): unknown => JSON.parse(readFileSync(join(V1, file), 'utf8'), unpackNumbers);
const RECORDS = json('records.json') as KeptRecords;
const OUTCOMES = json('resumed.json') as Record<string, Outcome>;
const PROJECTS = readdirSync(V1)
  .filter((file) => file.endsWith(ENDING))
  .map((file) => basename(file, ENDING));
const ENDED = PROJECTS.filter((name) => !name.endsWith(UNFINISHED));
const BEGUN = PROJECTS.filter((name) => name.endsWith(UNFINISHED));

const projectFile = (name: string): File => new File([readFileSync(join(V1, `${name}${ENDING}`))], `${name}${ENDING}`);

/** Both base models, downloaded: what every browser of these tests has beside its runs. */
const modelFiles = memoryFiles();
beforeAll(async () => {
  const client = newClient(undefined, modelFiles);
  await client.request('start', SETTINGS);
  for (const folder of MODELS) {
    const names = readdirSync(folder).filter((name) => name !== 'SOURCE.md');
    const files = names.map((name) => ({
      path: `${basename(folder)}/${name}`,
      file: new File([readFileSync(join(folder, name))], name),
    }));
    await client.request('loadModel', { kind: 'dropped', files });
  }
});

async function tabOn({ files, records }: Browser): Promise<WorkerClient> {
  const client = newClient(new Storage(files, records, keptReaders), modelFiles, NEVER);
  await client.request('start', SETTINGS);
  return client;
}

const browserWithModels = (): Browser => ({ ...newBrowser(), modelFiles });

async function imported(name: string): Promise<{ browser: Browser; client: WorkerClient }> {
  const browser = browserWithModels();
  const client = await tabOn(browser);
  await client.request('importProject', { file: projectFile(name) });
  return { browser, client };
}

const timeless = (report: unknown): unknown => (isObject(report) ? { ...report, elapsedMs: 0 } : report);
/** A run apart from what it is called by: an import gives it and its data set other names. */
const nameless = (run: Json | undefined): Json => ({ ...run, id: '', datasetId: '' });

const LESSONS: Json = {
  'single-label': 'classify',
  'multi-label': 'classify',
  regression: 'classify',
  chat: 'answer',
  preference: 'prefer',
};

/** A mapping of version 1 as this version has it: only that of labels has a task beside its lesson. */
function mappingNow({ task, ...mapping }: Json): Json {
  const lesson = LESSONS[String(task)];
  return { lesson, ...(lesson === 'classify' ? { task } : {}), ...mapping };
}

const without = (object: Json, ...names: string[]): Json =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

const stepNow = ({ rewards, ...step }: Json): Json =>
  isObject(rewards)
    ? {
        ...step,
        extras: Object.fromEntries(Object.entries(rewards).map(([name, value]) => [`rewards/${name}`, value])),
      }
    : step;

/** A run of version 1 as this version has it; settings of other kinds of run, which it held as well, are left out. */
function runNow(then: Json): Json {
  const run = without(then, 'task');
  const { headModules, checkpointLabels, ownTemplate, template, generation, ...facts } = run['model'] as Json;
  const config = without(run['config'] as Json, 'labelSmoothing', 'classWeights', 'beta', 'packing');
  return {
    ...run,
    version: 2,
    labels: run['labels'] ?? [],
    mapping: mappingNow(run['mapping'] as Json),
    model: {
      ...facts,
      head: headModules ? { modules: headModules, labels: checkpointLabels } : null,
      writing: generation ? { ownTemplate, template, generation } : null,
    },
    config,
    ...(run['steps'] ? { steps: (run['steps'] as Json[]).map(stepNow) } : {}),
  };
}

describe.each(ENDED)('the project %s', (name) => {
  it('opens, is listed with its figures, and computes the same from its weights', async () => {
    const { browser, client } = await imported(name);
    const [run] = await client.request('listRuns', null);
    const kept = must(
      RECORDS.runs.find(({ summary }) => summary.name === run?.name),
      'record of the run',
    );
    expect(nameless({ ...run })).toMatchObject(nameless(runNow({ ...kept.summary })));
    const id = must(run, 'run').id;
    expect(await weightsOf(browser, id)).toBe(kept.weights?.sha256);
    const { dataset } = await client.request('openRun', { id });
    expect(dataset).toMatchObject({ name: kept.summary.datasetName, splitRows: kept.summary.splitRows });
    const report = await client.request('evaluate', null);
    if (kept.summary.evaluation) expect(timeless(report)).toEqual(timeless(kept.summary.evaluation));
    // What this version makes of it is a project again.
    const { blob, fileName } = await client.request('exportProject', { id });
    const again = await tabOn(browserWithModels());
    await again.request('importProject', { file: new File([blob], fileName) });
    const [[copy], [original]] = [await again.request('listRuns', null), await client.request('listRuns', null)];
    expect(nameless({ ...copy })).toEqual(nameless({ ...original }));
  });
});

describe.each(BEGUN)('the project %s', (name) => {
  it('goes on from its checkpoint to the same weights and figures', async () => {
    const { browser, client } = await imported(name);
    const outcome = must(OUTCOMES[name], name);
    const [found] = await client.request('listUnfinished', null);
    expect(found).toMatchObject({ step: outcome.stoppedAt, totalSteps: outcome.steps.length });
    const { run } = await client.request('resumeRun', { id: must(found, 'unfinished run').start.id });
    expect(run.steps).toMatchObject(outcome.steps.map((step) => stepNow({ ...step })));
    expect(run).toMatchObject({ validations: outcome.validations, bestStep: outcome.bestStep, reason: 'completed' });
    expect(await weightsOf(browser, run.id)).toBe(outcome.weightsSha256);
  });
});

/** A browser with the records as they were, and the files that they speak of, which the projects hold as well. */
async function browserOfThen(): Promise<Browser> {
  const browser = browserWithModels();
  for (const kind of ['datasets', 'runs', 'checkpoints'] as const)
    for (const record of RECORDS[kind]) await browser.records[kind].put(record as never);
  for (const name of PROJECTS) {
    const file = projectFile(name);
    const contents = new Map((await readZip(blobSource(file.name, file))).map((entry) => [entry.path, entry]));
    const description = JSON.parse(
      new TextDecoder().decode(await must(contents.get('project.json'), 'project.json').bytes()),
    ) as { data: { id: string }; run: { kind: string; summary: RunSummary; start: { id: string } } };
    const copy = async (inside: string, path: string | undefined): Promise<void> => {
      const bytes = await contents.get(inside)?.bytes();
      if (bytes && path !== undefined) await browser.files.write(path, bytes);
    };
    const { data, run } = description;
    await copy('data/rows.bin', `datasets/${data.id}.rows`);
    await copy('data/index.bin', `datasets/${data.id}.index`);
    if (run.kind === 'finished') await copy('weights.safetensors', `runs/${run.summary.id}.safetensors`);
    else {
      const save = RECORDS.checkpoints.find(({ id }) => id === run.start.id)?.saves[0];
      await copy('checkpoint.safetensors', save?.state.path);
      await copy('best.safetensors', save?.best?.path);
    }
  }
  return browser;
}

/** All that the records say is there, and opens. */
async function everythingOpens(browser: Browser): Promise<void> {
  await new Storage(browser.files, browser.records, keptReaders).removeOrphans();
  const client = await tabOn(browser);
  const runs = await client.request('listRuns', null);
  const begun = await client.request('listUnfinished', null);
  expect(runs.map(({ id }) => id).sort()).toEqual(RECORDS.runs.map(({ id }) => id).sort());
  expect(begun.map(({ start }) => start.id).sort()).toEqual(RECORDS.checkpoints.map(({ id }) => id).sort());
  for (const { id, summary } of RECORDS.runs) {
    const now = runNow({ ...summary });
    expect(runs.find((run) => run.id === id)).toMatchObject(now);
    const { dataset } = await client.request('openRun', { id });
    expect(dataset).toMatchObject({ id: now['datasetId'], mapping: now['mapping'], splitRows: now['splitRows'] });
  }
  for (const { id, start } of RECORDS.checkpoints) {
    const { dataset } = await client.request('openUnfinished', { id });
    const mapping = mappingNow({ ...start.mapping });
    expect(dataset).toMatchObject({ id: start.datasetId, mapping, splitRows: start.splitRows });
  }
}

describe('the records of that time', () => {
  it('are read from the database, and every run opens with its data set', async () => {
    await everythingOpens(await browserOfThen());
  });

  it('are read from their copies when the database is lost', async () => {
    const { files, records } = await browserOfThen();
    for (const kind of ['datasets', 'runs', 'checkpoints'] as const)
      for (const record of await records[kind].all()) await copiedRecords(records, files)[kind].put(record as never);
    const empty = { ...browserWithModels(), files, records: memoryRecords() };
    await new Storage(files, copiedRecords(empty.records, files), keptReaders).restoreLost();
    await everythingOpens(empty);
  });
});
