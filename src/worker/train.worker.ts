/** The one web worker: wires the browser's storage, network and message port to the handlers. */
/// <reference lib="webworker" />
import { waitForWriting } from '../storage/access';
import { openBrowserModelFiles, openBrowserStorage } from '../storage/storage';
import { createHandlers } from './handlers';
import type { FromWorker, ToWorker } from './protocol';
import { serve } from './server';
import { countingFetch, gathered } from './traffic';

declare const self: DedicatedWorkerGlobalScope;

const post = (message: FromWorker): void => self.postMessage(message);

const handlers = createHandlers({
  openStorage: openBrowserStorage,
  openModelFiles: openBrowserModelFiles,
  waitForWriting,
  estimateStorage: () => navigator.storage.estimate().catch(() => ({})),
  fetch: countingFetch(
    (input, init) => self.fetch(input, init),
    () => self.location.origin,
    gathered((sentBytes, receivedBytes) => post({ type: 'traffic', sentBytes, receivedBytes })),
  ),
});
const receive = serve(handlers, post);
self.onmessage = ({ data }: MessageEvent<ToWorker>) => receive(data);
