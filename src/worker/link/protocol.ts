/** What the page and the worker say to each other: types only. Requests are imperative, events are past or noun. */
import type { PlainError } from '../../base/errors';
import type { BackendName, DeviceReport } from '../../domain/device';
import type { DatasetInfo, Mapping, ReadWishes, RowFilter, RowView, SplitConfig } from '../../domain/dataset';
import type { ModelDescription, ModelInfo, ModelSource } from '../../domain/model';
import type { RunStart, RunSummary, StopReason, TrainEvent, UnfinishedRun } from '../../domain/run';
import type { TrainingConfig } from '../../domain/training-config';
import type { TuningSettings } from '../../domain/tuning';

/** Files with their paths below what was dropped or picked. */
export interface DroppedFile {
  path: string;
  file: File;
}

/** Data to open: a dropped file, several at once, pasted text, a sample's id, or a stored data set's id. */
export type DataSource =
  | { kind: 'file'; file: File }
  | { kind: 'files'; files: DroppedFile[] }
  | { kind: 'text'; name: string; text: string }
  | { kind: 'sample'; id: string }
  | { kind: 'stored'; id: string };

/** A model to look at or load; dropped files carry their relative paths, a zip is a single file. */
export type ModelPick = ModelSource | { kind: 'dropped'; files: DroppedFile[] };

export interface TokenLengths {
  /** Rows whose text is longer than `maxLength` tokens. */
  overLong: number;
  maxLength: number;
  longest: number;
  mean: number;
  /** Rows looked at (large sets are sampled). */
  counted: number;
  /** What is cut or left out, in sentences (rows for a decoder only). */
  notes: string[];
  /** Why nothing could be trained on, or null. */
  refusal: string | null;
}

/** The page's wish for a run; the worker holds data, split and model already. */
export interface TrainRequest {
  config: TrainingConfig;
  runName: string;
}

export interface TrainResult {
  run: RunSummary;
  reason: StopReason;
  /** What ended the run before its time when nobody asked for it: the step and the rows whose numbers failed. */
  problem: PlainError | null;
  /** Why the run could not be kept in the browser's storage, or null when it was. It can still be exported. */
  unsaved: PlainError | null;
}

/** An unfinished run with what it goes on with, opened. */
export interface OpenedRun {
  start: RunStart;
  dataset: DatasetInfo;
  model: ModelInfo;
  modelSource: ModelSource;
}

/** A file that the run in hand can be taken away as. */
export interface ExportOffer {
  /** Its name among the exports of its lesson. */
  id: string;
  title: string;
  forWhom: string;
  about: string;
  /** How it is opened, in one line of code. */
  use?: string;
}

export interface ExportResult {
  fileName: string;
  blob: Blob;
  /** Files inside (one for predictions.jsonl and recipe.json). */
  files: { path: string; bytes: number }[];
  /**
   * Held-out rows replayed on the re-imported bytes, and the largest absolute difference found of what `figure` names
   * ("scores", "log-probabilities (mean of a row’s tokens)"). Null for files without weights.
   */
  replay: { rows: number; largestDifference: number; figure: string } | null;
}

export interface MemoryEstimate {
  parameters: number;
  trainableParameters: number;
  /** Weights, gradients, optimizer moments and activations at the longest batch, in bytes. */
  bytes: number;
  steps: number;
}

export interface StorageReport {
  usedBytes: number;
  quotaBytes: number | null;
  datasets: { id: string; name: string; bytes: number }[];
  runs: { id: string; name: string; createdAt: string; bytes: number }[];
  unfinished: { id: string; name: string; bytes: number }[];
  modelCacheBytes: number;
  /** False when the browser keeps nothing (private window). */
  durable: boolean;
}

/** Settings the page passes on at start; `baseUrl` is the folder the app is served from. */
export interface WorkerSettings {
  baseUrl: string;
  hubUrl: string;
  backendOverride: BackendName | null;
  /** Longest time in seconds that a run learns without its state being kept. */
  checkpointSeconds: number;
}

/** Every request with its parameters and its answer. */
export interface Requests {
  start: { params: WorkerSettings; result: DeviceReport };
  useBackend: { params: { backend: BackendName | null }; result: DeviceReport };
  setTuning: { params: TuningSettings; result: null };
  setCheckpointSeconds: { params: { seconds: number }; result: null };
  /** Whether this tab may change what is kept, or another one does. */
  access: { params: null; result: { writable: boolean } };
  /** Answers when the tab that writes has ended. */
  waitForWriting: { params: null; result: null };
  /** The names of the files in each of these zip archives, or null for what is none. */
  lookInside: { params: { files: File[] }; result: (string[] | null)[] };
  openData: { params: DataSource; result: DatasetInfo };
  /** Reads the file of the open data set once more, as the person wants it; `missing-file` after a reload. */
  readAgain: { params: ReadWishes; result: DatasetInfo };
  setMapping: { params: Mapping; result: DatasetInfo };
  setSplit: { params: SplitConfig; result: DatasetInfo };
  closeData: { params: null; result: null };
  rows: { params: { from: number; count: number; filter: RowFilter }; result: { rows: RowView[]; total: number } };
  describeModel: { params: ModelPick; result: ModelDescription };
  loadModel: { params: ModelPick; result: { info: ModelInfo; source: ModelSource } };
  /** The taught model of the run in hand becomes the base of the next one. */
  goOnFromRun: { params: null; result: { info: ModelInfo; source: ModelSource } };
  closeModel: { params: null; result: null };
  /** How the loaded model would read the rows under these settings. */
  tokenLengths: { params: TrainingConfig; result: TokenLengths };
  /** What the model sees of a row under these settings; the lesson's page knows what it is. */
  rowSeen: { params: { row: number; config: TrainingConfig | null }; result: unknown };
  estimate: { params: TrainingConfig; result: MemoryEstimate };
  train: { params: TrainRequest; result: TrainResult };
  /** Goes on with an unfinished run from its last checkpoint. */
  resumeRun: { params: { id: string }; result: TrainResult };
  /** Keeps the state of the run under way at its next step's edge, whether or not it is due. */
  saveNow: { params: null; result: null };
  pause: { params: null; result: null };
  resume: { params: null; result: null };
  /** Stop after the step in hand and keep what was learned. */
  stopAndKeep: { params: null; result: null };
  /** The lesson's report on the test rows. */
  evaluate: { params: null; result: unknown };
  /**
   * What only runs of one lesson answer (a prediction, an answer, the rows of a cell), by the lesson's own name for it.
   * Text comes as it is written; cancelling ends it.
   */
  askRun: { params: { what: string; params: unknown }; result: unknown };
  /** What the run in hand can be taken away as. */
  exportOffers: { params: null; result: ExportOffer[] };
  exportRun: { params: { id: string }; result: ExportResult };
  /** Makes a kept run the current one again: its data set, model and weights are reopened. */
  openRun: { params: { id: string }; result: { run: RunSummary; dataset: DatasetInfo | null } };
  storage: { params: null; result: StorageReport };
  listRuns: { params: null; result: RunSummary[] };
  deleteRun: { params: { id: string }; result: null };
  listUnfinished: { params: null; result: UnfinishedRun[] };
  openUnfinished: { params: { id: string }; result: OpenedRun };
  deleteUnfinished: { params: { id: string }; result: null };
  /** A run that has ended or can go on, under another name. */
  renameRun: { params: { id: string; name: string }; result: null };
  /** Keeps a second run like it, on the same data set. */
  duplicateRun: { params: { id: string }; result: null };
  /** A run with all that belongs to it, its base model excepted, as one file. */
  exportProject: { params: { id: string }; result: { fileName: string; blob: Blob } };
  /** Keeps what such a file holds; the name of the run is told. */
  importProject: { params: { file: File }; result: { runName: string } };
  deleteDataset: { params: { id: string }; result: null };
  clearModelCache: { params: null; result: null };
  clearEverything: { params: null; result: null };
}

export type RequestName = keyof Requests;

/** Progress of a long request, tied to its id. */
export interface Progress {
  /** What is being done, for the person: "Reading rows". */
  label: string;
  done: number;
  /** Null when it cannot be known. */
  total: number | null;
  unit: 'bytes' | 'rows' | 'steps' | 'files';
}

export type ToWorker =
  | { [K in RequestName]: { type: 'request'; id: number; name: K; params: Requests[K]['params'] } }[RequestName]
  /** Cancels the request with this id; it answers `failed` with code `cancelled`. */
  | { type: 'cancel'; id: number };

export type FromWorker =
  | { type: 'result'; id: number; result: Requests[RequestName]['result'] }
  | { type: 'failed'; id: number; error: PlainError }
  | { type: 'progress'; id: number; progress: Progress }
  | { type: 'trainEvent'; id: number; event: TrainEvent }
  /** A piece of a text that is being written. */
  | { type: 'text'; id: number; text: string }
  /** Bytes sent and received by the worker's own requests, for the header's counter. */
  | { type: 'traffic'; sentBytes: number; receivedBytes: number };
