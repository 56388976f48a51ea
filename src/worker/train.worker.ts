/** The one web worker: wires the browser's storage, network and message port to the handlers. */
/// <reference lib="webworker" />
import { watchTraffic } from '../base/traffic';
import { keptReaders } from '../lessons/records';
import { waitForWriting } from '../storage/access';
import { openBrowserModelFiles, openBrowserStorage } from '../storage/storage';
import { createHandlers } from './link/handlers';
import type { FromWorker, ToWorker } from './link/protocol';
import { serve } from './link/server';

declare const self: DedicatedWorkerGlobalScope;

const post = (message: FromWorker): void => self.postMessage(message);

watchTraffic(self, (sentBytes, receivedBytes) => post({ type: 'traffic', sentBytes, receivedBytes }));

const handlers = createHandlers({
  openStorage: () => openBrowserStorage(keptReaders),
  openModelFiles: openBrowserModelFiles,
  waitForWriting,
  estimateStorage: () => navigator.storage.estimate().catch(() => ({})),
  fetch: (input, init) => self.fetch(input, init),
});
const receive = serve(handlers, post);
self.onmessage = ({ data }: MessageEvent<ToWorker>) => receive(data);
