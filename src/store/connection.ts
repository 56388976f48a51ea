/** The one connection to the worker; every slice asks through it. */
import { WorkerClient, type RequestOptions } from '../worker/client';
import type { RequestName, Requests } from '../worker/protocol';

export const connection = new WorkerClient();

/** Sends a request to the worker; rejects with a `TabtuneError`. */
export function ask<K extends RequestName>(name: K, params: Requests[K]['params'], options?: RequestOptions): Promise<Requests[K]['result']> {
  return connection.request(name, params, options);
}
