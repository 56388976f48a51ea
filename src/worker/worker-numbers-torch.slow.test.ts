/**
 * Runs on numbers against a plain loop of PyTorch with scikit-learn's scaler (e2e/fixtures/numbers/make_numbers.py),
 * and their exports against what transformers, PEFT and sentence-transformers answered from these very files
 * (read_exports.py there; EXPORTS_TO=FOLDER writes them for it).
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { must } from '../base/assert';
import { config, newClient, predicted, prepared } from '../testing/session';
import type { LabelConfig } from '../domain/training-config';

const FOLDER = 'e2e/fixtures/numbers';

interface Expected {
  method: LabelConfig['method'];
  log: boolean;
  lora: LabelConfig['lora'] | null;
  settings: Partial<LabelConfig>;
  rows: { text: string; number: number; split: string }[];
  mean: number;
  std: number;
  /** Of each step, over the standardised numbers. */
  losses: number[];
  /** Answers on the test rows in their own unit. */
  before: number[];
  after: number[];
}

const EXPORTS = { full: ['full'], lora: ['merged', 'adapter'], head: ['sentence-transformers'] } as const;
/** Where exports are written for Python. */
const { EXPORTS_TO } = process.env;
const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

const filesOf = (folder: string): { path: string; file: File }[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !['expected.json', 'exported.json'].includes(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => ({ path, file: new File([readFileSync(path)], path) }));

const cases = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());

describe.each(cases.map(({ name }) => name))('%s', (name) => {
  it('has the losses of PyTorch, and answers in the unit of the data as transformers does', async () => {
    const folder = join(FOLDER, name);
    const expected = json(join(folder, 'expected.json')) as Expected;
    const { method, log, lora, rows, settings } = expected;
    const text = ['text,price,split', ...rows.map((row) => `${row.text},${row.number},${row.split}`)].join('\n');
    const model = { kind: 'dropped' as const, files: filesOf(folder) };
    const { client, train } = await prepared({ kind: 'text', name: 'prices.csv', text }, newClient(), model);
    const { run } = await train(method, {
      ...settings,
      schedule: 'constant',
      warmupRatio: 0,
      batchSize: rows.length,
      keepBest: false,
      logTargets: log,
      lora: lora ?? config(method).lora,
    });
    expect(must(run.targetScale).mean / expected.mean).toBeCloseTo(1, 12);
    expect(must(run.targetScale).std / expected.std).toBeCloseTo(1, 12);
    run.steps.forEach(({ loss }, i) => expect(loss / must(expected.losses[i])).toBeCloseTo(1, 4));
    const test = rows.filter(({ split }) => split === 'test');
    const said: number[] = [];
    for (const [i, row] of test.entries()) {
      const { before, after } = await predicted(client, { text: row.text, textPair: null });
      expect(must(before[0]) / must(expected.before[i])).toBeCloseTo(1, 4);
      expect(must(after[0]) / must(expected.after[i])).toBeCloseTo(1, 4);
      said.push(must(after[0]));
    }
    for (const kind of EXPORTS[method]) {
      const { blob, replay } = await client.request('exportRun', { id: kind });
      expect(must(replay).rows).toBe(test.length);
      if (EXPORTS_TO) {
        mkdirSync(EXPORTS_TO, { recursive: true });
        writeFileSync(join(EXPORTS_TO, `${name}.${kind}.zip`), new Uint8Array(await blob.arrayBuffer()));
      } else {
        const read = must((json(join(folder, 'exported.json')) as Record<string, number[]>)[kind]);
        said.forEach((answer, i) => expect(Math.abs(answer / must(read[i]) - 1)).toBeLessThan(1e-5));
      }
    }
  });
});
