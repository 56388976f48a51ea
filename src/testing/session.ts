/** For tests: the real handlers behind a client, with memory storage, the cpu backend and a tiny model. */
import type { DatasetInfo } from '../domain/dataset';
import { isLanguageEvaluation } from '../domain/language-evaluation';
import type { EvaluationReport } from '../domain/metrics';
import type { TrainEvent } from '../domain/run';
import type { TrainingConfig } from '../domain/training-config';
import { defaultConfig } from '../domain/training-config';
import type { FileBox } from '../storage/files';
import { memoryFiles } from '../storage/files';
import type { Storage } from '../storage/storage';
import { memoryStorage } from '../storage/storage';
import type { CheckpointPolicy } from '../worker/run/checkpoints';
import { CHECKPOINT_POLICY } from '../worker/run/checkpoints';
import { WorkerClient } from '../worker/link/client';
import { createHandlers } from '../worker/link/handlers';
import type { DataSource, ModelPick, TrainResult } from '../worker/link/protocol';
import { moodCsv, tinyModelFiles } from './model';
import { TestWorker } from './worker';

const noNetwork: typeof fetch = () => Promise.reject(new Error('The test must not use the network.'));
export const SETTINGS = {
  baseUrl: 'http://app.example/',
  hubUrl: 'http://hub.example',
  backendOverride: 'cpu',
  checkpointSeconds: 10,
} as const;

/** A client of its own worker; the same storage and model files stand for the same browser. */
export function newClient(
  storage: Storage = memoryStorage(),
  modelFiles: FileBox = memoryFiles(),
  checkpoints: CheckpointPolicy = CHECKPOINT_POLICY,
): WorkerClient {
  const environment = {
    openStorage: () => Promise.resolve(storage),
    openModelFiles: () => Promise.resolve(modelFiles),
    estimateStorage: () => Promise.resolve({}),
    waitForWriting: () => Promise.resolve(true),
    fetch: noNetwork,
    checkpoints,
  };
  return new WorkerClient(() => new TestWorker(createHandlers(environment)));
}

export const csv = (rows: number): DataSource => ({ kind: 'text', name: 'moods.csv', text: moodCsv(rows) });
export const tiny = (poison: string | null = null): ModelPick => ({ kind: 'dropped', files: tinyModelFiles(poison) });

const RATES: Record<TrainingConfig['method'], number> = { full: 3e-3, lora: 1e-2, head: 5e-2 };

/** Settings under which the tiny model learns the moods in a second or two. */
export function config(method: TrainingConfig['method'], some: Partial<TrainingConfig> = {}): TrainingConfig {
  const context = {
    method,
    hiddenSize: 16,
    trainExamples: 80,
    maxPositions: 32,
    linearModules: ['query', 'value'],
    headModules: ['classifier', 'pooler'],
    recipe: null,
  };
  return {
    ...defaultConfig(context).config,
    maxLength: 16,
    epochs: method === 'head' ? 20 : 4,
    batchSize: 8,
    learningRate: RATES[method],
    ...some,
  };
}

export interface Prepared {
  client: WorkerClient;
  data: DatasetInfo;
  /** Everything that the runs have reported. */
  events: TrainEvent[];
  train: (
    method: TrainingConfig['method'],
    some?: Partial<TrainingConfig>,
    signal?: AbortSignal,
  ) => Promise<TrainResult>;
}

/** A started worker with data and the tiny model. */
export async function prepared(
  source: DataSource = csv(100),
  client: WorkerClient = newClient(),
  model: ModelPick = tiny(),
): Promise<Prepared> {
  await client.request('start', SETTINGS);
  const data = await client.request('openData', source);
  await client.request('loadModel', model);
  const events: TrainEvent[] = [];
  const train: Prepared['train'] = (method, some = {}, signal) =>
    client.request(
      'train',
      { config: config(method, some), runName: `moods ${method}` },
      { ...(signal ? { signal } : {}), onTrainEvent: (event) => events.push(event) },
    );
  return { client, data, events, train };
}

/** The evaluation of a run that gives labels. */
export async function evaluated(client: WorkerClient): Promise<EvaluationReport> {
  const report = await client.request('evaluate', null);
  if (isLanguageEvaluation(report)) throw new Error('This run writes.');
  return report;
}

/** Waits until something holds; fails after half a minute. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('It did not happen within 30 s.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
