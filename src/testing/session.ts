/** For tests: the real handlers behind a client, with memory storage, the cpu backend and a tiny model. */
import type { DatasetInfo } from '../domain/dataset';
import type { TrainEvent } from '../domain/run';
import type { LabelConfig } from '../domain/training-config';
import { defaultConfig } from './settings';
import type { AnswerRequest, AnswerResult } from '../lessons/answer/shared/asked';
import { answerResultSchema } from '../lessons/answer/shared/asked';
import type { EvaluationReport } from '../lessons/classify/shared';
import { reportSchema } from '../lessons/classify/shared';
import type { CellRequest, CellRow, PredictRequest, PredictionPair } from '../lessons/classify/shared/asked';
import { cellRowsSchema, predictResultSchema } from '../lessons/classify/shared/asked';
import { keptReaders } from '../lessons/records';
import type { FileBox } from '../storage/files';
import { memoryFiles } from '../storage/files';
import type { Storage } from '../storage/storage';
import { memoryStorage } from '../storage/storage';
import type { CheckpointPolicy } from '../worker/run/checkpoints';
import { CHECKPOINT_POLICY } from '../worker/run/checkpoints';
import type { RequestOptions } from '../worker/link/client';
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
  storage: Storage = memoryStorage(keptReaders),
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

const RATES: Record<LabelConfig['method'], number> = { full: 3e-3, lora: 1e-2, head: 5e-2 };

/** Settings under which the tiny model learns the moods in a second or two. */
export function config(method: LabelConfig['method'], some: Partial<LabelConfig> = {}): LabelConfig {
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
  train: (method: LabelConfig['method'], some?: Partial<LabelConfig>, signal?: AbortSignal) => Promise<TrainResult>;
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
export const evaluated = async (client: WorkerClient): Promise<EvaluationReport> =>
  reportSchema.parse(await client.request('evaluate', null));

/** What a run that gives labels says about a text. */
export const predicted = async (client: WorkerClient, params: PredictRequest): Promise<PredictionPair> =>
  predictResultSchema.parse(await client.request('askRun', { what: 'predict', params }));

/** The test rows behind a cell of its confusion matrix. */
export const cellRows = async (client: WorkerClient, params: CellRequest): Promise<CellRow[]> =>
  cellRowsSchema.parse(await client.request('askRun', { what: 'cellRows', params }));

/** What a run that writes answers. */
export const answered = async (
  client: WorkerClient,
  params: AnswerRequest,
  options: RequestOptions = {},
): Promise<AnswerResult> =>
  answerResultSchema.parse(await client.request('askRun', { what: 'answer', params }, options));

/** Waits until something holds; fails after half a minute. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('It did not happen within 30 s.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
