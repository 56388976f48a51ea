/** What the worker holds between requests: settings, the open data set, the loaded model, and the current run. */
import { TabtuneError } from '../base/errors';
import type { Dataset } from '../data/dataset';
import type { DeviceReport } from '../domain/device';
import type { TuningSettings } from '../domain/tuning';
import type { ModelInfo, ModelSource } from '../domain/model';
import type { Begun, ResolvedAdapter } from '../engine/adapters/resolve';
import type { HfCheckpoint } from '../formats/hf-folder';
import { ModelCache } from '../hub/model-cache';
import type { CacheFiles } from '../hub/model-cache';
import type { Storage } from '../storage/storage';
import type { ChatSources } from '../text/chat-format';
import type { TextTokenizer } from '../text/tokenizer';
import type { CheckpointPolicy } from './run/checkpoints';
import type { DataSource, TokenLengths, WorkerSettings } from './link/protocol';
import type { Context } from './link/server';
import type { Steering } from './run/steering';
import { Turns } from './link/turns';

/** How a run's model was begun where an adapter came with it. */
export interface BegunModel {
  /** The base before anything of the adapter was done to it. */
  base: Pick<HfCheckpoint, 'config' | 'tensors'>;
  /** The adapter, where it is gone on with. */
  going: Begun['adapter'];
  /** Whether the run's adapter fits on that base: not where another was worked into it. */
  fitsBase: boolean;
  /** Whether it does so as a plain adapter, which is all that llama.cpp knows. */
  isPlain: boolean;
}

/** A checkpoint in memory with what reads text for it. What it can do is said as in its `info`. */
export interface LoadedModel {
  source: ModelSource;
  info: ModelInfo;
  checkpoint: HfCheckpoint;
  /** What its adapter makes of it, where it came with one. */
  adapter: ResolvedAdapter | null;
  /** Of a run's model: the base before anything of an adapter was done to it, and the adapter that goes on. */
  begun: BegunModel | null;
  tokenizer: TextTokenizer;
  /**
   * Where it can have a head for labels: transformers' class with one, e.g. `BertForSequenceClassification`, and what
   * that puts before the names of the bare encoder, e.g. `bert.`.
   */
  head: { className: string; prefix: string } | null;
  /** Where it writes: transformers' class, e.g. `LlamaForCausalLM`, and what its files say about conversations. */
  writing: { className: string; chat: ChatSources } | null;
}

/** A request that is being answered: what it works on, and how it tells of its progress. */
export interface Call<Run extends Held = Held> {
  readonly session: Session<Run>;
  readonly context: Context;
}

/** What the handlers need from outside; tests pass memory storage and a server of their own. */
export interface Environment {
  /** Opened on `start`. */
  openStorage(): Promise<Storage>;
  /** Files of downloaded and dropped models, apart from the rest. */
  openModelFiles(): Promise<CacheFiles>;
  fetch: typeof fetch;
  /** What the browser says about this origin's storage; empty when it says nothing. */
  estimateStorage(): Promise<StorageEstimate>;
  /** Resolves when the tab that writes has ended. */
  waitForWriting(): Promise<boolean>;
  /** When a run's state is kept; the usual policy where it is not given. */
  checkpoints?: CheckpointPolicy;
}

/** What a session itself asks of the run that it holds; what a run can do is said in run/run.ts. */
export interface Held {
  /** Frees what it has on the device. */
  release(): void;
}

/** Run: the kind of run that it holds. */
export class Session<Run extends Held = Held> {
  readonly environment: Environment;
  settings: WorkerSettings | null = null;
  tuning: TuningSettings = { known: [], software: false };
  device: DeviceReport | null = null;
  dataset: Dataset | null = null;
  /** Where the open data set was read from in this session, for reading it again in another way. */
  readFrom: { datasetId: string; source: DataSource } | null = null;
  model: LoadedModel | null = null;
  run: Run | null = null;
  /** The newest count of tokens, and what it was of: several parts of the page ask for the same. */
  lengths: { of: unknown; found: Promise<TokenLengths> } | null = null;
  /** Steers the run that is training now. */
  control: Steering | null = null;
  /**
   * One piece of engine work at a time; the training loop gives way after each step. A GPU that was lost is opened anew
   * first.
   */
  readonly engineTurns = new Turns(() => this.beforeEngine());
  /** One change of the data set at a time. */
  readonly dataTurns = new Turns();
  private readonly beforeEngine: () => Promise<void>;
  private openedStorage: Promise<Storage> | null = null;
  private openedCache: Promise<ModelCache> | null = null;

  /** @param revive opens a lost GPU anew, before work on it */
  constructor(environment: Environment, revive: (session: Session<Run>) => Promise<void>) {
    this.environment = environment;
    this.beforeEngine = () => revive(this);
  }

  storage(): Promise<Storage> {
    return (this.openedStorage ??= this.environment.openStorage());
  }

  /** Throws `storage` when another tab alone may change what is kept. */
  async refuseReader(): Promise<void> {
    (await this.storage()).refuseReader();
  }

  modelCache(): Promise<ModelCache> {
    return (this.openedCache ??= this.environment.openModelFiles().then((files) => new ModelCache(files)));
  }

  requireSettings(): WorkerSettings {
    if (!this.settings) throw new TabtuneError('internal', 'The worker was asked for something before it was started.');
    return this.settings;
  }

  requireDataset(): Dataset {
    if (!this.dataset)
      throw new TabtuneError('bad-data', 'No data set is open.', { fix: 'Open a file or pick a sample first.' });
    return this.dataset;
  }

  requireModel(): LoadedModel {
    if (!this.model) throw new TabtuneError('bad-model', 'No model is loaded.', { fix: 'Choose a model first.' });
    return this.model;
  }

  requireRun(): Run {
    if (!this.run)
      throw new TabtuneError('not-found', 'There is no finished run yet.', { fix: 'Train first, or open a kept run.' });
    return this.run;
  }

  requireDevice(): DeviceReport {
    if (!this.device) throw new TabtuneError('device', 'No device has been chosen yet.', { fix: 'Reload the page.' });
    return this.device;
  }

  /** Refuses what would pull the ground from under a run. */
  refuseWhileTraining(what: string): void {
    if (this.control)
      throw new TabtuneError('bad-config', `${what} while a run is under way.`, {
        fix: 'Wait for the run to finish, or stop it first.',
      });
  }
}
