/** The page's end of the protocol: typed requests out; answers, progress and training events in. */
import { TabtuneError } from '../../base/errors';
import type { TrainEvent } from '../../domain/run';
import type { FromWorker, Progress, RequestName, Requests, ToWorker } from './protocol';

/** The part of `Worker` that the client needs, so that tests can put the real handlers behind a message channel. */
export interface WorkerLike {
  postMessage(message: ToWorker): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

export interface RequestOptions {
  /** Aborting sends `cancel`; the request then rejects with code `cancelled`. */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  onTrainEvent?: (event: TrainEvent) => void;
  onText?: (text: string) => void;
}

/** Bytes that left for other origins, and bytes that came in, since the client was made. */
export interface Traffic {
  sentBytes: number;
  receivedBytes: number;
}

interface Pending {
  settle(message: Extract<FromWorker, { type: 'result' | 'failed' }>): void;
  crash(error: TabtuneError): void;
  options: RequestOptions;
}

function spawnTrainWorker(): WorkerLike {
  return new Worker(new URL('../train.worker.ts', import.meta.url), { type: 'module', name: 'tabtune' });
}

/**
 * Talks to one worker at a time. When the worker dies, everything pending rejects with code `internal`, `onCrash` is
 * told, and the next request starts a fresh worker (which needs `start` first, as after a reload).
 */
export class WorkerClient {
  private worker: WorkerLike | null = null;
  private nextId = 1;
  private readonly pending = new Map<number, Pending>();
  private readonly trafficListeners = new Set<(traffic: Traffic) => void>();
  private readonly crashListeners = new Set<(error: TabtuneError) => void>();
  private readonly traffic: Traffic = { sentBytes: 0, receivedBytes: 0 };
  private readonly spawn: () => WorkerLike;

  constructor(spawn: () => WorkerLike = spawnTrainWorker) {
    this.spawn = spawn;
  }

  /** Rejects with a `TabtuneError`: the handler's own, `cancelled`, or `internal` when the worker died. */
  request<K extends RequestName>(
    name: K,
    params: Requests[K]['params'],
    options: RequestOptions = {},
  ): Promise<Requests[K]['result']> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(new TabtuneError('cancelled', 'Cancelled.'));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const cancel = (): void => this.worker?.postMessage({ type: 'cancel', id });
      const done = (): void => {
        this.pending.delete(id);
        signal?.removeEventListener('abort', cancel);
      };
      this.pending.set(id, {
        options,
        settle: (message) => {
          done();
          if (message.type === 'failed') reject(TabtuneError.fromPlain(message.error));
          // The worker answers request `id` with the result type of its name.
          else resolve(message.result);
        },
        crash: (error) => {
          done();
          reject(error);
        },
      });
      signal?.addEventListener('abort', cancel);
      try {
        const message = { type: 'request', id, name, params };
        this.open().postMessage(message as ToWorker);
      } catch (thrown) {
        done();
        reject(
          new TabtuneError(
            'internal',
            `The request “${name}” could not be sent: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
          ),
        );
      }
    });
  }

  /** Calls back at once and whenever the worker's own requests have moved bytes; returns the way to stop it. */
  onTraffic(listener: (traffic: Traffic) => void): () => void {
    this.trafficListeners.add(listener);
    listener({ ...this.traffic });
    return () => this.trafficListeners.delete(listener);
  }

  /** Calls back when the worker died; returns the way to stop it. */
  onCrash(listener: (error: TabtuneError) => void): () => void {
    this.crashListeners.add(listener);
    return () => this.crashListeners.delete(listener);
  }

  /** Ends the worker and rejects what is pending. */
  dispose(): void {
    this.close(new TabtuneError('cancelled', 'The page closed the worker.'));
  }

  private open(): WorkerLike {
    if (this.worker) return this.worker;
    const worker = this.spawn();
    worker.onmessage = ({ data }) => this.receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.crashed(event.message);
    };
    worker.onmessageerror = () => this.crashed('A message could not be read.');
    this.worker = worker;
    return worker;
  }

  private receive(message: FromWorker): void {
    switch (message.type) {
      case 'result':
      case 'failed':
        return this.pending.get(message.id)?.settle(message);
      case 'progress':
        return this.pending.get(message.id)?.options.onProgress?.(message.progress);
      case 'trainEvent':
        return this.pending.get(message.id)?.options.onTrainEvent?.(message.event);
      case 'text':
        return this.pending.get(message.id)?.options.onText?.(message.text);
      case 'traffic':
        this.traffic.sentBytes += message.sentBytes;
        this.traffic.receivedBytes += message.receivedBytes;
        for (const listener of this.trafficListeners) listener({ ...this.traffic });
        return;
      default:
        message satisfies never;
    }
  }

  private crashed(reason: string): void {
    const error = new TabtuneError(
      'internal',
      `The background worker stopped unexpectedly${reason ? `: ${reason}` : '.'}`,
      {
        fix:
          'Start again; stored data sets and finished runs are still there. If it happens again, close other ' +
          'tabs or choose a smaller model.',
      },
    );
    this.close(error);
    for (const listener of this.crashListeners) listener(error);
  }

  private close(error: TabtuneError): void {
    this.worker?.terminate();
    this.worker = null;
    for (const pending of [...this.pending.values()]) pending.crash(error);
  }
}
