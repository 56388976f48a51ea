/** The one connection to the worker; every slice asks through it. */
import { WorkerClient, type RequestOptions } from '../worker/link/client';
import type { RequestName, Requests } from '../worker/link/protocol';

export const connection = new WorkerClient();

let wake: (started: Promise<unknown>) => void = () => undefined;
/**
 * Settles with the first `start`; what is asked before waits for it, so that nobody can be too quick for the worker.
 */
const awake = new Promise<unknown>((resolve) => (wake = resolve));

/** Sends a request to the worker; rejects with a `TabtuneError`. */
export async function ask<K extends RequestName>(
  name: K,
  params: Requests[K]['params'],
  options?: RequestOptions,
): Promise<Requests[K]['result']> {
  if (name !== 'start') await awake;
  const answer = connection.request(name, params, options);
  // A failed start is shown by who started; the others then get the worker's own answer.
  if (name === 'start') wake(answer.catch(() => undefined));
  return answer;
}
