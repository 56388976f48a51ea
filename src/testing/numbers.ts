/** For tests: runs of the tiny model on numbers, and what they are carried away as. */
import { blobSource } from '../base/bytes';
import { must } from '../base/assert';
import { SeededRandom } from '../base/random';
import type { LabelConfig } from '../domain/training-config';
import { readZip } from '../formats/zip';
import type { WorkerClient } from '../worker/link/client';
import type { ExportResult } from '../worker/link/protocol';
import { evaluated, predicted, prepared } from './session';

/** The export of each method that is whole. */
export const KINDS = { full: 'full', lora: 'merged', head: 'sentence-transformers' } as const;
export const METHODS = Object.keys(KINDS) as (keyof typeof KINDS)[];

/** Sentences whose number is made of their words, as a table. */
export function table(numberOf: (points: number) => number, rows = 50): { kind: 'text'; name: string; text: string } {
  const random = new SeededRandom(3, 'numbers');
  const lines = Array.from({ length: rows }, () => {
    const [film, food] = [random.next() < 0.5, random.next() < 0.5];
    const points = (film ? 0.4 : 0) + (food ? 0.3 : 0) + 0.1 + 0.05 * random.next();
    return `the film was ${film ? 'great' : 'awful'} and the food was ${food ? 'lovely' : 'nasty'},${numberOf(points)}`;
  });
  return { kind: 'text', name: 'numbers.csv', text: ['text,score', ...lines].join('\n') };
}

export const TEXT = { text: 'the film was great and the food was lovely', textPair: null };

/** A run with what it says afterwards. */
export async function taught(
  numberOf: (points: number) => number,
  method: LabelConfig['method'],
  some: Partial<LabelConfig> = {},
) {
  const { client, train } = await prepared(table(numberOf));
  const { run } = await train(method, { epochs: 2, ...some });
  const { tuned, baseline, mistakes } = await evaluated(client);
  if (tuned.task !== 'regression' || baseline.metrics.task !== 'regression') throw new Error('wrong task');
  const { before, after } = await predicted(client, TEXT);
  return { client, run, tuned, baseline, mistakes, before: must(before[0]), after: must(after[0]) };
}

/** Files of an export by their paths. */
async function filesOf({ blob, fileName }: ExportResult): Promise<Map<string, Uint8Array>> {
  const files = await readZip(blobSource(fileName, blob));
  return new Map(await Promise.all(files.map(async (file) => [file.path, await file.bytes()] as const)));
}

export async function exported(client: WorkerClient, id: string) {
  const result = await client.request('exportRun', { id });
  const files = await filesOf(result);
  const text = (path: string): string => new TextDecoder().decode(must(files.get(path), path));
  const json = (path: string) => JSON.parse(text(path)) as Record<string, unknown>;
  return { ...result, zip: new File([result.blob], result.fileName), contents: files, text, json };
}
