/** For tests: the real message server behind the client, in one thread, answers cloned as between threads. */
import type { WorkerLike } from '../worker/link/client';
import type { FromWorker } from '../worker/link/protocol';
import type { Handlers } from '../worker/link/server';
import { serve } from '../worker/link/server';

/** Blobs are shared by reference between threads; everything else is copied. */
const holdsBlob = (result: unknown): boolean => typeof result === 'object' && result !== null && 'blob' in result;

/** A worker look-alike over handlers; `crash` reports an error as a dying worker would. */
export class TestWorker implements WorkerLike {
  onmessage: WorkerLike['onmessage'] = null;
  onmessageerror: WorkerLike['onmessageerror'] = null;
  onerror: WorkerLike['onerror'] = null;
  terminated = false;
  readonly post = (message: FromWorker): void => {
    const data = message.type === 'result' && holdsBlob(message.result) ? message : structuredClone(message);
    if (!this.terminated) setTimeout(() => this.onmessage?.({ data } as MessageEvent<FromWorker>));
  };
  private readonly receive: ReturnType<typeof serve>;

  constructor(handlers: Handlers) {
    this.receive = serve(handlers, this.post);
  }

  postMessage: WorkerLike['postMessage'] = (message) => {
    setTimeout(() => {
      if (!this.terminated) this.receive(message);
    });
  };

  terminate(): void {
    this.terminated = true;
  }

  crash(message: string): void {
    this.onerror?.({ message, preventDefault: () => undefined } as ErrorEvent);
  }
}
